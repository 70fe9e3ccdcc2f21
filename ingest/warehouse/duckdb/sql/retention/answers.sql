-- One row is an answer as it was first known. The theme is the gravest that it complains of.
WITH
-- One row is an answer, and when it was first known.
first_known AS (
  SELECT *, greatest(answered_at, known_at) AS visible_at
  FROM responses
  WHERE answered_at >= $oldest AND answered_at < $until
  QUALIFY row_number() OVER (
    PARTITION BY response_id ORDER BY greatest(answered_at, known_at), known_at DESC, tie DESC, row_hash DESC
  ) = 1
),
-- One row is one of them that counts now.
fresh AS (
  SELECT *
  FROM first_known
  WHERE visible_at < $until AND (visible_at >= $from OR load_id > $load)
),
-- One row is an answer with the theme that it complains of.
themes AS (
  SELECT id, arg_max(theme, (severity, theme)) AS theme
  FROM complaints_known($until)
  WHERE kind = 'responses' AND id IN (SELECT response_id FROM fresh)
  GROUP BY id
)
SELECT
  fresh.customer_id,
  fresh.response_id AS key,
  fresh.answered_at AS happened_at,
  fresh.visible_at,
  fresh.score AS number,
  fresh.kind AS word,
  coalesce(fresh.order_id, '') AS order_id,
  coalesce(fresh.ticket_id, '') AS ticket_id,
  '' AS sku,
  coalesce(trim(fresh.comment) <> '', false) AS has_comment,
  coalesce(themes.theme, '') AS theme,
  '' AS level,
  CAST(NULL AS TIMESTAMP) AS promised_at,
  CAST(NULL AS TIMESTAMP) AS delivered_at
FROM fresh
LEFT JOIN themes ON themes.id = fresh.response_id
ORDER BY visible_at, customer_id, key
