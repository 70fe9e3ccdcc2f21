-- One row per customer with contracts known before an instant of which none runs then, by customer: when the last of
-- them was given notice of, or ended without one.
SELECT
  customer_id,
  max(least(cancelled_at, ends_at)) AS left_at
FROM contracts_known(CAST($as_of AS TIMESTAMP))
GROUP BY customer_id
HAVING NOT bool_or(is_running)
ORDER BY customer_id
