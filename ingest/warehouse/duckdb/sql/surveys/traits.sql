-- One row is a customer as known before $as_of, ordered by id, with the newest score as of then or before.
WITH
wanted AS (
  SELECT DISTINCT unnest($customers) AS customer_id
),
-- One row is a customer with the order that he placed last, and when the first one was.
last_orders AS (
  SELECT customer_id, arg_max(shipping_method, (ordered_at, order_id)) AS shipping_method, min(ordered_at) AS first_at
  FROM orders_known(CAST($as_of AS TIMESTAMP))
  WHERE NOT is_void AND customer_id IN (SELECT customer_id FROM wanted)
  GROUP BY customer_id
),
-- One row is the run of the newest scores; of several publications as of one instant the last counts.
newest AS (
  SELECT snapshots.run
  FROM snapshots
  JOIN score_runs ON score_runs.run = snapshots.run
  WHERE score_runs.as_of <= CAST($as_of AS TIMESTAMP)
  ORDER BY score_runs.as_of DESC, snapshots.snapshot DESC
  LIMIT 1
)
SELECT
  w.customer_id,
  coalesce(c.industry, ''),
  coalesce(c.tier, ''),
  coalesce(c.plan, ''),
  coalesce(c.region, ''),
  coalesce(c.language, ''),
  coalesce(c.channel, ''),
  coalesce(o.shipping_method, ''),
  coalesce(c.signed_up_at, o.first_at) AS since,
  s.churn_probability,
  s.expected_value,
  s.satisfaction_standard_error,
  coalesce(s.satisfaction_answers, 0)
FROM wanted AS w
LEFT JOIN customers_known(CAST($as_of AS TIMESTAMP)) AS c ON c.customer_id = w.customer_id
LEFT JOIN last_orders AS o ON o.customer_id = w.customer_id
LEFT JOIN scores AS s ON s.run = (SELECT run FROM newest) AND s.customer_id = w.customer_id
ORDER BY w.customer_id
