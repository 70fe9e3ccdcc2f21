-- One row is a customer at a moment, ordered by customer, moment and cause. $from is the instant of knowledge. An
-- occasion counts on its own day, or on the day after the one on which it became known, whichever is later.
WITH
-- One row is a moment that is asked for, with the time between what happened and the occasion.
asked AS (
  SELECT unnest($moments) AS moment, to_microseconds(unnest($after)) AS after
),
-- One row is a customer who has left.
gone AS (
  SELECT customer_id
  FROM customers_known(CAST($from AS TIMESTAMP))
  WHERE cancelled_at IS NOT NULL
),
-- One row is an order that counts, of those that an occasion of the span may follow on.
bought AS (
  SELECT o.customer_id, o.order_id, o.ordered_at, o.delivered_at
  FROM orders_known(CAST($from AS TIMESTAMP)) AS o
  WHERE NOT o.is_void
    AND greatest(o.ordered_at, coalesce(o.delivered_at, o.ordered_at)) >= CAST($stale AS TIMESTAMP) - coalesce((SELECT max(after) FROM asked WHERE moment IN ('post_purchase', 'delivery')), INTERVAL 0 DAY)
    AND ($customer = '' OR o.customer_id = $customer)
),
-- One row is such an order with when it was first known to be placed and to have arrived.
bought_known AS (
  SELECT
    bought.order_id,
    min(greatest(v.ordered_at, v.known_at)) AS placed_at,
    min(greatest(v.ordered_at, v.delivered_at, v.known_at)) FILTER (WHERE v.delivered_at < CAST($from AS TIMESTAMP)) AS arrived_at
  FROM bought
  JOIN orders AS v ON v.order_id = bought.order_id
  WHERE v.known_at < CAST($from AS TIMESTAMP) AND v.ordered_at < CAST($from AS TIMESTAMP)
  GROUP BY bought.order_id
),
-- One row is a customer with an order that counts: when the first and the last one were placed, and when the first one
-- was known.
buyers AS MATERIALIZED (
  SELECT
    customer_id,
    min(ordered_at) AS first_at,
    max(ordered_at) AS last_at,
    min(greatest(ordered_at, known_at)) AS visible_at
  FROM orders_known(CAST($from AS TIMESTAMP))
  WHERE NOT is_void
    AND ($customer = '' OR customer_id = $customer)
  GROUP BY customer_id
),
-- One row is a customer with when his time with the shop began: his sign-up, or else the first order known.
begun AS (
  SELECT c.customer_id, c.signed_up_at AS began_at, v.visible_at
  FROM customers_known(CAST($from AS TIMESTAMP)) AS c
  JOIN (
    SELECT customer_id, min(greatest(known_at, signed_up_at)) AS visible_at
    FROM customers
    WHERE signed_up_at < CAST($from AS TIMESTAMP)
      AND signed_up_at >= CAST($stale AS TIMESTAMP) - (SELECT max(after) FROM asked WHERE moment = 'onboarding')
      AND known_at < CAST($from AS TIMESTAMP)
    GROUP BY customer_id
  ) AS v ON v.customer_id = c.customer_id
  WHERE c.signed_up_at >= CAST($stale AS TIMESTAMP) - (SELECT max(after) FROM asked WHERE moment = 'onboarding')
  UNION ALL
  SELECT buyers.customer_id, buyers.first_at, buyers.visible_at
  FROM buyers
  ANTI JOIN (
    SELECT customer_id
    FROM customers_known(CAST($from AS TIMESTAMP))
    WHERE signed_up_at IS NOT NULL
  ) AS signed_up ON signed_up.customer_id = buyers.customer_id
  WHERE buyers.first_at >= CAST($stale AS TIMESTAMP) - (SELECT max(after) FROM asked WHERE moment = 'onboarding')
),
-- One row is a customer who has ordered within the lookback, or has a running contract, and whose place in the quarter it is.
active AS (
  SELECT customer_id
  FROM (
    SELECT customer_id, left(sha256($salt || chr(31) || customer_id), 8) AS place
    FROM (
      SELECT customer_id
      FROM buyers
      WHERE last_at >= CAST($lookback AS TIMESTAMP)
      UNION
      SELECT customer_id
      FROM contracts_known(CAST($from AS TIMESTAMP))
      WHERE is_running
    ) AS current
  ) AS placed
  WHERE place >= $slot_from AND place < $slot_to
),
-- One row is an occasion, whenever it is.
occasions AS (
  SELECT b.customer_id, a.moment, b.order_id AS cause, b.ordered_at + a.after AS occurs_at, k.placed_at AS visible_at
  FROM bought AS b
  JOIN bought_known AS k ON k.order_id = b.order_id
  JOIN asked AS a ON a.moment = 'post_purchase'
  UNION ALL
  SELECT b.customer_id, a.moment, b.order_id, b.delivered_at + a.after, k.arrived_at
  FROM bought AS b
  JOIN bought_known AS k ON k.order_id = b.order_id
  JOIN asked AS a ON a.moment = 'delivery'
  WHERE b.delivered_at IS NOT NULL
  UNION ALL
  SELECT t.customer_id, a.moment, t.ticket_id, t.resolved_at + a.after, v.visible_at
  FROM tickets_known(CAST($from AS TIMESTAMP)) AS t
  JOIN asked AS a ON a.moment = 'support'
  JOIN (
    SELECT ticket_id, resolved_at, min(greatest(opened_at, resolved_at, known_at)) AS visible_at
    FROM tickets
    WHERE known_at < CAST($from AS TIMESTAMP) AND resolved_at >= CAST($stale AS TIMESTAMP) - (SELECT max(after) FROM asked WHERE moment = 'support')
    GROUP BY ticket_id, resolved_at
  ) AS v ON v.ticket_id = t.ticket_id AND v.resolved_at = t.resolved_at
  UNION ALL
  SELECT b.customer_id, a.moment, '', b.began_at + a.after, b.visible_at
  FROM begun AS b
  JOIN asked AS a ON a.moment = 'onboarding'
  UNION ALL
  SELECT c.customer_id, a.moment, c.contract_id, c.renews_at - a.after, v.visible_at
  FROM contracts_known(CAST($from AS TIMESTAMP)) AS c
  JOIN asked AS a ON a.moment = 'pre_renewal'
  JOIN (
    SELECT contract_id, renews_at, min(greatest(started_at, known_at, settled_at)) AS visible_at
    FROM contracts
    WHERE known_at < CAST($from AS TIMESTAMP)
    GROUP BY contract_id, renews_at
  ) AS v ON v.contract_id = c.contract_id AND v.renews_at = c.renews_at
  WHERE c.is_running
  UNION ALL
  SELECT c.customer_id, a.moment, '', c.trial_ends_at + a.after, v.visible_at
  FROM customers_known(CAST($from AS TIMESTAMP)) AS c
  JOIN asked AS a ON a.moment = 'trial_end'
  JOIN (
    SELECT customer_id, trial_ends_at, min(greatest(known_at, coalesce(signed_up_at, known_at))) AS visible_at
    FROM customers
    WHERE known_at < CAST($from AS TIMESTAMP) AND trial_ends_at IS NOT NULL
    GROUP BY customer_id, trial_ends_at
  ) AS v ON v.customer_id = c.customer_id AND v.trial_ends_at = c.trial_ends_at
  UNION ALL
  SELECT c.customer_id, a.moment, '', c.cancelled_at + a.after, v.visible_at
  FROM customers_known(CAST($from AS TIMESTAMP)) AS c
  JOIN asked AS a ON a.moment = 'exit'
  JOIN (
    SELECT customer_id, cancelled_at, min(greatest(known_at, cancelled_at)) AS visible_at
    FROM customers
    WHERE known_at < CAST($from AS TIMESTAMP) AND cancelled_at IS NOT NULL
    GROUP BY customer_id, cancelled_at
  ) AS v ON v.customer_id = c.customer_id AND v.cancelled_at = c.cancelled_at
  UNION ALL
  SELECT c.customer_id, a.moment, c.contract_id, coalesce(c.cancelled_at, c.ends_at) + a.after, v.visible_at
  FROM contracts_known(CAST($from AS TIMESTAMP)) AS c
  JOIN asked AS a ON a.moment = 'exit'
  JOIN (
    SELECT contract_id, min(greatest(started_at, known_at, coalesce(cancelled_at, ends_at))) AS visible_at
    FROM contracts
    WHERE known_at < CAST($from AS TIMESTAMP) AND coalesce(cancelled_at, ends_at) < CAST($from AS TIMESTAMP)
    GROUP BY contract_id
  ) AS v ON v.contract_id = c.contract_id
  WHERE NOT c.is_running
    AND c.customer_id NOT IN (SELECT customer_id FROM contracts_known(CAST($from AS TIMESTAMP)) WHERE is_running)
    AND c.customer_id NOT IN (SELECT customer_id FROM gone)
  UNION ALL
  SELECT active.customer_id, a.moment, '', CAST($from AS TIMESTAMP), CAST($from AS TIMESTAMP) - INTERVAL 1 SECOND
  FROM active
  JOIN asked AS a ON a.moment = 'quarterly'
)
SELECT customer_id, moment, cause, occurs_at, visible_at
FROM occasions
WHERE ($customer = '' OR customer_id = $customer)
  AND occurs_at < CAST($to AS TIMESTAMP)
  AND occurs_at >= CAST($stale AS TIMESTAMP)
  AND visible_at < CAST($from AS TIMESTAMP)
  AND (occurs_at >= CAST($from AS TIMESTAMP) OR visible_at >= CAST($day_before AS TIMESTAMP))
  AND (moment = 'exit' OR customer_id NOT IN (SELECT customer_id FROM gone))
ORDER BY customer_id, moment, cause
