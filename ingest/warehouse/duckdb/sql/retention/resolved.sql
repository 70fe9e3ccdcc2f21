-- One row is a ticket that was resolved, or a message whose issue was, as first known.
WITH
-- One row is a resolution in a version of a ticket or message.
told AS (
  SELECT
    'ticket' AS word, customer_id, ticket_id AS of, resolved_at AS happened_at,
    greatest(opened_at, known_at) AS known_at, tie, row_hash, load_id,
    coalesce(order_id, '') AS order_id, ticket_id
  FROM tickets
  WHERE resolved_at >= $oldest AND resolved_at < $until
  UNION ALL
  SELECT
    'outreach', customer_id, outreach_id, resolved_at, greatest(sent_at, known_at), tie, row_hash, load_id, '', ''
  FROM outreach
  WHERE resolved_at >= $oldest AND resolved_at < $until
),
-- One row is a resolution.
first_known AS (
  SELECT *, greatest(happened_at, known_at) AS visible_at
  FROM told
  QUALIFY row_number() OVER (PARTITION BY word, of, happened_at ORDER BY greatest(happened_at, known_at), known_at DESC, tie DESC, row_hash DESC) = 1
)
SELECT
  customer_id,
  word || ':' || of || ':' || CAST(epoch_us(happened_at) AS VARCHAR) AS key,
  happened_at,
  visible_at,
  CAST(0 AS DOUBLE) AS number,
  word,
  order_id,
  ticket_id,
  '' AS sku,
  false AS has_comment,
  '' AS theme,
  '' AS level,
  CAST(NULL AS TIMESTAMP) AS promised_at,
  CAST(NULL AS TIMESTAMP) AS delivered_at
FROM first_known
WHERE visible_at < $until AND (visible_at >= $from OR load_id > $load)
ORDER BY visible_at, customer_id, key
