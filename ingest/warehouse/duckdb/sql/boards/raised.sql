-- One row per customer who complained of a theme in [from, since), ordered by id: how often, where last, and how often
-- since.
SELECT
  customer_id,
  count(*) FILTER (WHERE said_at < CAST($since AS TIMESTAMP)) AS times,
  max(said_at) FILTER (WHERE said_at < CAST($since AS TIMESTAMP)) AS last_at,
  arg_max(kind, (said_at, id)) FILTER (WHERE said_at < CAST($since AS TIMESTAMP)) AS kind,
  arg_max(id, (said_at, id)) FILTER (WHERE said_at < CAST($since AS TIMESTAMP)) AS id,
  count(*) FILTER (WHERE said_at >= CAST($since AS TIMESTAMP)) AS again
FROM complaints_known(CAST($as_of AS TIMESTAMP))
WHERE theme = $theme
  AND said_at >= CAST($from AS TIMESTAMP)
GROUP BY customer_id
HAVING count(*) FILTER (WHERE said_at < CAST($since AS TIMESTAMP)) > 0
ORDER BY customer_id
