-- One row per order of a customer within a window, newest first.
SELECT
  'order' AS what,
  o.ordered_at AS happened_at,
  o.order_id,
  CAST(NULL AS VARCHAR) AS ticket_id,
  o.promised_at,
  o.delivered_at,
  CAST(o.amount AS DOUBLE) AS value,
  coalesce(l.source, '') AS file,
  o.source_line
FROM orders_known(CAST($as_of AS TIMESTAMP)) AS o
LEFT JOIN loads AS l ON l.load_id = o.load_id
WHERE o.customer_id = $customer
  AND NOT o.is_void
  AND o.ordered_at >= CAST($from AS TIMESTAMP)
  AND o.ordered_at < CAST($to AS TIMESTAMP)
ORDER BY o.ordered_at DESC, o.order_id
LIMIT CAST($limit AS BIGINT)
