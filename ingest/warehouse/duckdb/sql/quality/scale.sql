-- One row: the median order of the last 28 days, and of the 364 days before them, as known at an instant.
SELECT
  count(*) FILTER (WHERE ordered_at >= CAST($since AS TIMESTAMP)) AS recent,
  CAST(median(amount) FILTER (WHERE ordered_at >= CAST($since AS TIMESTAMP)) AS DOUBLE) AS recent_amount,
  count(*) FILTER (WHERE ordered_at < CAST($since AS TIMESTAMP)) AS earlier,
  CAST(median(amount) FILTER (WHERE ordered_at < CAST($since AS TIMESTAMP)) AS DOUBLE) AS earlier_amount
FROM orders_known(CAST($as_of AS TIMESTAMP))
WHERE NOT is_void
  AND amount > 0
  AND ordered_at >= CAST($from AS TIMESTAMP);
