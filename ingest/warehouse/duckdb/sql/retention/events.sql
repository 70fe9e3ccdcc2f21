-- One row is an event as it was first known.
WITH
first_known AS (
  SELECT *, greatest(occurred_at, known_at) AS visible_at
  FROM events
  WHERE name IN (SELECT unnest($events)) AND occurred_at >= $oldest AND occurred_at < $until
  QUALIFY row_number() OVER (
    PARTITION BY event_id ORDER BY greatest(occurred_at, known_at), known_at DESC, tie DESC, row_hash DESC
  ) = 1
)
SELECT
  customer_id,
  event_id AS key,
  occurred_at AS happened_at,
  visible_at,
  coalesce(value, 0) AS number,
  name AS word,
  '' AS order_id,
  '' AS ticket_id,
  coalesce(sku, '') AS sku,
  false AS has_comment,
  '' AS theme,
  '' AS level,
  CAST(NULL AS TIMESTAMP) AS promised_at,
  CAST(NULL AS TIMESTAMP) AS delivered_at
FROM first_known
WHERE visible_at < $until AND (visible_at >= $from OR load_id > $load)
ORDER BY visible_at, customer_id, key
