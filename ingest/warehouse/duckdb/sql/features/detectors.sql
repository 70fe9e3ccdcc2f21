-- One row per pain point with incidents before an instant.
SELECT
  painpoint,
  count(*) AS incidents,
  count(DISTINCT customer_id) AS customers
FROM incidents_known(CAST($as_of AS TIMESTAMP))
GROUP BY painpoint
ORDER BY painpoint
