-- outcomes_between(t, since): one row is an exposure that was decided in [since, t), as known at t: an order that was
-- due, a ticket that could have been answered, an answer that was given, a day on which a customer could have failed to
-- pay; and what it came to.
--
-- painpoint   the detector whose incidents it is exposed to, or low_satisfaction
-- unit        the order, ticket, answer, or customer and day
-- decided_at  when it was seen whether it is an incident
-- class       what must be alike for two exposures to be compared: the kind of an answer, the order's sampling weight
-- outcome     1 for an incident, else 0; of an answer its points in thousandths, from the mean of its kind
-- base        of an answer that mean, else 0
-- is_bad      an incident, or a low answer
CREATE OR REPLACE MACRO outcomes_between(t, since) AS TABLE
WITH
-- One row is an order, with where its customer lives.
orders_seen AS MATERIALIZED (
  SELECT
    o.order_id,
    o.customer_id,
    o.ordered_at,
    CAST(o.amount * 100 AS BIGINT) AS cents,
    coalesce(nullif(o.channel, ''), nullif(c.channel, '')) AS channel,
    nullif(c.region, '') AS region,
    o.promise_ends_at,
    o.cancelled_at,
    CASE WHEN NOT o.is_void THEN coalesce(o.delivered_at + INTERVAL 14 DAY, o.ordered_at + INTERVAL 21 DAY) END AS kept_at,
    o.is_void,
    coalesce(CAST(CAST(o.sampling_weight AS DECIMAL(18, 2)) AS VARCHAR), '') AS weight
  FROM orders_known(t) AS o
  LEFT JOIN customers_known(t) AS c ON c.customer_id = o.customer_id
),
-- One row is an order and a pain point that it had, and when first. What is missing for three weeks was late before.
order_incidents AS MATERIALIZED (
  SELECT painpoint, order_id, min(occurred_at) AS occurred_at
  FROM (
    SELECT painpoint, order_id, occurred_at
    FROM incidents_known(t)
    WHERE order_id IS NOT NULL AND ticket_id IS NULL
    UNION ALL
    SELECT 'late_delivery', order_id, occurred_at - INTERVAL 21 DAY
    FROM incidents_known(t)
    WHERE painpoint = 'not_delivered'
  ) AS incidents
  GROUP BY painpoint, order_id
),
-- One row is an order and a pain point that it is exposed to: a promise that fell due, a week in which it could be
-- cancelled, two weeks with the goods (or three since the order) in which they could be sent back.
order_exposures AS (
  SELECT 'late_delivery' AS painpoint, promise_ends_at AS decided_at, *
  FROM orders_seen
  WHERE NOT is_void AND coalesce(cancelled_at >= promise_ends_at, true)
  UNION ALL
  SELECT 'not_delivered', promise_ends_at + INTERVAL 21 DAY, *
  FROM orders_seen
  WHERE NOT is_void AND coalesce(cancelled_at >= promise_ends_at + INTERVAL 21 DAY, true)
  UNION ALL
  SELECT 'cancelled_by_shop', ordered_at + INTERVAL 7 DAY, *
  FROM orders_seen
  UNION ALL
  SELECT unnest(['misfit', 'returned', 'refund']), kept_at, *
  FROM orders_seen
),
-- One row is a ticket, with its order's and its customer's data.
tickets_seen AS MATERIALIZED (
  SELECT
    k.ticket_id,
    k.order_id,
    k.customer_id,
    k.opened_at,
    k.sentiment IS NOT NULL AS has_sentiment,
    k.reopened_count IS NOT NULL AS has_reopened,
    o.cents,
    coalesce(o.channel, nullif(c.channel, '')) AS channel,
    nullif(c.region, '') AS region
  FROM tickets_known(t) AS k
  LEFT JOIN orders_seen AS o ON o.order_id = k.order_id
  LEFT JOIN customers_known(t) AS c ON c.customer_id = k.customer_id
),
-- One row is a ticket and a pain point that it had.
ticket_incidents AS (
  SELECT DISTINCT painpoint, ticket_id
  FROM incidents_known(t)
  WHERE ticket_id IS NOT NULL
),
-- One row is a ticket and a pain point that it is exposed to.
ticket_exposures AS (
  SELECT 'slow_first_reply' AS painpoint, opened_at + INTERVAL 24 HOUR AS decided_at, *
  FROM tickets_seen
  UNION ALL
  SELECT 'unresolved_ticket', opened_at + INTERVAL 72 HOUR, *
  FROM tickets_seen
  UNION ALL
  SELECT 'reopened_ticket', opened_at + INTERVAL 14 DAY, *
  FROM tickets_seen
  WHERE has_reopened
  UNION ALL
  SELECT 'negative_sentiment', opened_at, *
  FROM tickets_seen
  WHERE has_sentiment
),
-- One row is an answer, in thousandths of points.
answers_seen AS MATERIALIZED (
  SELECT
    r.response_id,
    coalesce(r.order_id, k.order_id) AS order_id,
    r.customer_id,
    r.answered_at,
    r.kind,
    CAST(round(r.points * 1000) AS BIGINT) AS millipoints,
    CASE r.kind
      WHEN 'nps' THEN r.score <= 6
      WHEN 'ces' THEN r.score <= 3
      WHEN 'sentiment' THEN r.score < -0.3
      ELSE r.score <= 2
    END AS is_low
  FROM responses_known(t) AS r
  LEFT JOIN tickets_known(t) AS k ON k.ticket_id = r.ticket_id
  WHERE r.answered_at >= since
),
-- One row is a kind of answer, with its whole mean.
kinds AS (
  SELECT kind, CAST(sum(millipoints) // count(*) AS BIGINT) AS mean
  FROM answers_seen
  GROUP BY kind
),
-- One row is a customer's day with a cart, or with an order or a payment that failed.
customer_days AS (
  SELECT
    'cart_abandon' AS painpoint, customer_id, CAST(occurred_at AS DATE) AS day,
    bool_or(name = 'cart_abandon') AS is_bad, CAST(NULL AS BIGINT) AS cents
  FROM events_known(t)
  WHERE name IN ('cart_add', 'cart_abandon', 'checkout') AND occurred_at >= since
  GROUP BY customer_id, CAST(occurred_at AS DATE)
  UNION ALL
  SELECT 'payment_failed', customer_id, day, bool_or(failed), sum(cents)
  FROM (
    SELECT customer_id, CAST(occurred_at AS DATE) AS day, true AS failed, CAST(NULL AS BIGINT) AS cents
    FROM events_known(t)
    WHERE name = 'payment_failed' AND occurred_at >= since
    UNION ALL
    SELECT customer_id, CAST(ordered_at AS DATE), false, cents
    FROM orders_seen
    WHERE ordered_at >= since
  ) AS payments
  GROUP BY customer_id, day
),
-- One row is an exposure, whenever it was decided.
outcomes AS (
  SELECT
    e.painpoint, e.order_id AS unit, e.order_id, e.customer_id, e.channel, e.region, e.cents, e.decided_at,
    e.weight AS class, CAST(i.occurred_at IS NOT NULL AS BIGINT) AS outcome, 0 AS base, i.occurred_at IS NOT NULL AS is_bad
  FROM order_exposures AS e
  LEFT JOIN order_incidents AS i
    ON i.painpoint = e.painpoint
    AND i.order_id = e.order_id
    AND i.occurred_at <= e.decided_at
  WHERE e.decided_at >= since AND e.decided_at < t
  UNION ALL
  SELECT
    e.painpoint, e.ticket_id, e.order_id, e.customer_id, e.channel, e.region, e.cents, e.decided_at,
    '', CAST(i.ticket_id IS NOT NULL AS BIGINT), 0, i.ticket_id IS NOT NULL
  FROM ticket_exposures AS e
  LEFT JOIN ticket_incidents AS i ON i.painpoint = e.painpoint AND i.ticket_id = e.ticket_id
  WHERE e.decided_at >= since AND e.decided_at < t
  UNION ALL
  SELECT
    'low_satisfaction', r.response_id, r.order_id, r.customer_id,
    coalesce(o.channel, nullif(c.channel, '')), nullif(c.region, ''), o.cents, r.answered_at,
    CASE WHEN o.weight IS NULL OR o.weight = '' THEN r.kind ELSE r.kind || ' weight ' || o.weight END,
    r.millipoints - kinds.mean, kinds.mean, r.is_low
  FROM answers_seen AS r
  JOIN kinds ON kinds.kind = r.kind
  LEFT JOIN orders_seen AS o ON o.order_id = r.order_id
  LEFT JOIN customers_known(t) AS c ON c.customer_id = r.customer_id
  UNION ALL
  SELECT
    d.painpoint, d.customer_id || ' ' || CAST(d.day AS VARCHAR), NULL, d.customer_id,
    nullif(c.channel, ''), nullif(c.region, ''), d.cents, CAST(d.day AS TIMESTAMP), '', CAST(d.is_bad AS BIGINT), 0, d.is_bad
  FROM customer_days AS d
  LEFT JOIN customers_known(t) AS c ON c.customer_id = d.customer_id
)
SELECT
  *,
  -- The last day before it was decided: of a promise the day that was promised.
  CAST(decided_at - INTERVAL 1 MICROSECOND AS DATE) AS day,
  CAST(date_trunc('week', decided_at - INTERVAL 1 MICROSECOND) AS DATE) AS week
FROM outcomes;
