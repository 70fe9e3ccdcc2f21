-- One row is a delivery as it was first known.
WITH
first_known AS (
  SELECT *, greatest(ordered_at, delivered_at, known_at) AS visible_at
  FROM orders
  WHERE delivered_at >= $oldest AND delivered_at < $until AND ordered_at < $until
  QUALIFY row_number() OVER (
    PARTITION BY order_id ORDER BY greatest(ordered_at, delivered_at, known_at), known_at DESC, tie DESC, row_hash DESC
  ) = 1
)
SELECT
  customer_id,
  order_id AS key,
  delivered_at AS happened_at,
  visible_at,
  CAST(amount AS DOUBLE) AS number,
  '' AS word,
  order_id,
  '' AS ticket_id,
  '' AS sku,
  false AS has_comment,
  '' AS theme,
  '' AS level,
  promised_at,
  delivered_at
FROM first_known
WHERE visible_at < $until AND (visible_at >= $from OR load_id > $load)
ORDER BY visible_at, customer_id, key
