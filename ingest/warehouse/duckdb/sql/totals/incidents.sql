-- One row is a pain point with its incidents in a window, as known at the window's end.
SELECT
  painpoint,
  count(*) AS incidents,
  count(DISTINCT customer_id) AS customers
FROM incidents_known(CAST($as_of AS TIMESTAMP))
WHERE occurred_at >= CAST($since AS TIMESTAMP)
GROUP BY painpoint
ORDER BY painpoint;
