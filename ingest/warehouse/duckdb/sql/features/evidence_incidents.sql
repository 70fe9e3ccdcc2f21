-- One row per incident of one pain point that a customer had within a window, newest first, with its order's dates.
SELECT
  i.painpoint AS what,
  i.occurred_at AS happened_at,
  i.order_id,
  i.ticket_id,
  o.promised_at,
  o.delivered_at,
  CAST(nullif(i.severity, 0) AS DOUBLE) AS value,
  coalesce(l.source, '') AS file,
  i.source_line
FROM incidents_known(CAST($as_of AS TIMESTAMP)) AS i
LEFT JOIN orders_known(CAST($as_of AS TIMESTAMP)) AS o ON o.order_id = i.order_id
LEFT JOIN loads AS l ON l.load_id = i.load_id
WHERE i.customer_id = $customer
  AND i.painpoint = $name
  AND i.occurred_at >= CAST($from AS TIMESTAMP)
  AND i.occurred_at < CAST($to AS TIMESTAMP)
ORDER BY i.occurred_at DESC, i.order_id, i.ticket_id, i.load_id, i.source_line
LIMIT CAST($limit AS BIGINT)
