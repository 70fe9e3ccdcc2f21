-- severity_at(t, since, until, step, ceiling): the whole steps begun between since and t (or until, when it ended before
-- t), at most ceiling; 1 in the first step, NULL where since is NULL. step is in seconds.
CREATE OR REPLACE MACRO severity_at(t, since, until, step, ceiling) AS
  least((epoch_us(least(t, coalesce(until, t))) - epoch_us(since)) // (CAST(step AS BIGINT) * 1000000) + 1, ceiling);

-- incident_versions(t): one row is an incident of a pain point that had happened before t, as one version of its order,
-- ticket, answer or event told it.
--
-- occurred_at      when it became an incident
-- known_at         from when the version counts; superseded_at ends that, NULL while it is the newest
-- severity_*       arguments of severity_at, for the severity as of t or as of any instant before t
--
-- At an instant u <= t the incident counts when occurred_at < u, known_at < u and not superseded_at < u.
CREATE OR REPLACE MACRO incident_versions(t) AS TABLE
WITH
-- One row is a version of an order.
orders_seen AS MATERIALIZED (
  SELECT
    *,
    promise_ends_at < t
      AND coalesce(cancelled_at >= promise_ends_at, true)
      AND coalesce(delivered_at >= promise_ends_at, true) AS is_late,
    promise_ends_at + INTERVAL 21 DAY < t
      AND coalesce(cancelled_at >= promise_ends_at + INTERVAL 21 DAY, true)
      AND coalesce(delivered_at >= promise_ends_at + INTERVAL 21 DAY, true) AS is_missing,
    coalesce(list_contains([
      'misfit', 'wrong_size', 'size', 'fit', 'does_not_fit', 'too_small', 'too_large', 'not_as_expected',
      'not_as_described', 'damaged', 'defective', 'wrong_item'
    ], lower(trim(return_reason))), false) AS is_misfit
  FROM order_versions(t)
),
-- One row is a version of a ticket; answered_at is the first reply, or its resolution where that came first.
tickets_seen AS MATERIALIZED (
  SELECT *, least(first_replied_at, resolved_at) AS answered_at
  FROM ticket_versions(t)
),
-- One row is the first event of its name that a customer has on a day.
event_days AS (
  SELECT *
  FROM events_known(t)
  WHERE name IN ('return', 'payment_failed', 'cart_abandon')
  QUALIFY row_number() OVER (
    PARTITION BY customer_id, name, CAST(occurred_at AS DATE)
    ORDER BY greatest(occurred_at, known_at), event_id
  ) = 1
),
-- One row is an incident as one version told it.
incidents AS (
  -- The promised day has passed, arrived or not; severity in days, still growing while the parcel is missing. Three
  -- weeks on, what is still missing counts as not delivered instead, so that no order is both.
  SELECT
    'late_delivery' AS painpoint, customer_id, promise_ends_at AS occurred_at, known_at,
    CASE
      WHEN is_missing THEN least(coalesce(superseded_at, promise_ends_at + INTERVAL 21 DAY), promise_ends_at + INTERVAL 21 DAY)
      ELSE superseded_at
    END AS superseded_at,
    promise_ends_at AS severity_since, delivered_at AS severity_until, 86400 AS severity_step, 60 AS severity_ceiling,
    order_id, CAST(NULL AS VARCHAR) AS ticket_id, load_id, source_line
  FROM orders_seen
  WHERE is_late
  UNION ALL
  -- Three weeks past the promise and still missing then.
  SELECT
    'not_delivered', customer_id, promise_ends_at + INTERVAL 21 DAY, known_at, superseded_at,
    NULL, NULL, NULL, NULL, order_id, NULL, load_id, source_line
  FROM orders_seen
  WHERE is_missing
  UNION ALL
  -- Cancelled before it was delivered.
  SELECT
    'cancelled_by_shop', customer_id, cancelled_at, known_at, superseded_at,
    NULL, NULL, NULL, NULL, order_id, NULL, load_id, source_line
  FROM orders_seen
  WHERE cancelled_at < coalesce(delivered_at, t)
  UNION ALL
  -- Sent back because it did not fit or was not what was expected.
  SELECT
    'misfit', customer_id, returned_at, known_at, superseded_at,
    NULL, NULL, NULL, NULL, order_id, NULL, load_id, source_line
  FROM orders_seen
  WHERE returned_at < t AND is_misfit
  UNION ALL
  -- Sent back for any other reason.
  SELECT
    'returned', customer_id, returned_at, known_at, superseded_at,
    NULL, NULL, NULL, NULL, order_id, NULL, load_id, source_line
  FROM orders_seen
  WHERE returned_at < t AND NOT is_misfit
  UNION ALL
  -- Money given back, dated by the return or, without one, by when it was learnt.
  SELECT
    'refund', customer_id, coalesce(returned_at, settled_at), known_at, superseded_at,
    NULL, NULL, NULL, NULL, order_id, NULL, load_id, source_line
  FROM orders_seen
  WHERE refunded_amount > 0
  UNION ALL
  -- A day without a reply; severity in hours beyond it, at most a week.
  SELECT
    'slow_first_reply', customer_id, opened_at + INTERVAL 24 HOUR, known_at, superseded_at,
    opened_at + INTERVAL 24 HOUR, answered_at, 3600, 168, order_id, ticket_id, load_id, source_line
  FROM tickets_seen
  WHERE opened_at + INTERVAL 24 HOUR < t AND coalesce(answered_at > opened_at + INTERVAL 24 HOUR, true)
  UNION ALL
  -- Three days without a resolution; severity in days beyond them.
  SELECT
    'unresolved_ticket', customer_id, opened_at + INTERVAL 72 HOUR, known_at, superseded_at,
    opened_at + INTERVAL 72 HOUR, resolved_at, 86400, 60, order_id, ticket_id, load_id, source_line
  FROM tickets_seen
  WHERE opened_at + INTERVAL 72 HOUR < t AND coalesce(resolved_at > opened_at + INTERVAL 72 HOUR, true)
  UNION ALL
  SELECT
    'reopened_ticket', customer_id, reopened_at, known_at, superseded_at,
    NULL, NULL, NULL, NULL, order_id, ticket_id, load_id, source_line
  FROM tickets_seen
  WHERE reopened_at < t
  UNION ALL
  SELECT
    'negative_sentiment', customer_id, soured_at, known_at, superseded_at,
    NULL, NULL, NULL, NULL, order_id, ticket_id, load_id, source_line
  FROM tickets_seen
  WHERE soured_at < t
  UNION ALL
  SELECT
    'negative_sentiment', customer_id, answered_at, known_at, NULL,
    NULL, NULL, NULL, NULL, order_id, ticket_id, load_id, source_line
  FROM responses_known(t)
  WHERE kind = 'sentiment' AND score < -0.3
  UNION ALL
  SELECT
    CASE name WHEN 'return' THEN 'returned' ELSE name END, customer_id, occurred_at, known_at, NULL,
    NULL, NULL, NULL, NULL, NULL, NULL, load_id, source_line
  FROM event_days
  UNION ALL
  -- Somebody complained of a theme in words or tags, an hour ago: what is said in one sitting does not explain its own
  -- scores. The topic of a ticket alone is a contact, which has detectors of its own.
  SELECT
    'complaint_' || theme, customer_id, said_at + INTERVAL 1 HOUR, worded_at, NULL,
    NULL, NULL, NULL, NULL, order_id, ticket_id, load_id, source_line
  FROM complaints_known(t)
  WHERE said_at + INTERVAL 1 HOUR < t AND worded_at IS NOT NULL
)
SELECT
  painpoint,
  customer_id,
  occurred_at,
  known_at,
  superseded_at,
  severity_since,
  severity_until,
  severity_step,
  severity_ceiling,
  order_id,
  ticket_id,
  load_id,
  source_line
FROM incidents;

-- incidents_known(t): one row is an incident as known at t, with its severity then; 0 for pain points without one.
CREATE OR REPLACE MACRO incidents_known(t) AS TABLE
SELECT
  painpoint,
  customer_id,
  occurred_at,
  known_at,
  coalesce(severity_at(t, severity_since, severity_until, severity_step, severity_ceiling), 0) AS severity,
  order_id,
  ticket_id,
  load_id,
  source_line
FROM incident_versions(t)
WHERE superseded_at IS NULL;
