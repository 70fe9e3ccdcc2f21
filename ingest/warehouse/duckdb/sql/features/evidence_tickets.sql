-- One row per ticket that a customer opened within a window, newest first; its value is the hours to the first reply.
-- With the name open, only those that are not resolved.
SELECT
  CASE WHEN t.resolved_at IS NULL THEN 'open ticket' ELSE 'ticket' END AS what,
  t.opened_at AS happened_at,
  t.order_id,
  t.ticket_id,
  CAST(NULL AS TIMESTAMP) AS promised_at,
  CAST(NULL AS TIMESTAMP) AS delivered_at,
  CAST(date_diff('second', t.opened_at, t.first_replied_at) AS DOUBLE) / 3600 AS value,
  coalesce(l.source, '') AS file,
  t.source_line
FROM tickets_known(CAST($as_of AS TIMESTAMP)) AS t
LEFT JOIN loads AS l ON l.load_id = t.load_id
WHERE t.customer_id = $customer
  AND t.opened_at >= CAST($from AS TIMESTAMP)
  AND t.opened_at < CAST($to AS TIMESTAMP)
  AND ($name <> 'open' OR t.resolved_at IS NULL)
ORDER BY t.opened_at DESC, t.ticket_id
LIMIT CAST($limit AS BIGINT)
