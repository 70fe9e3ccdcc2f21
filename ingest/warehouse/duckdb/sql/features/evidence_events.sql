-- One row per event of one name that a customer had within a window, newest first.
SELECT
  e.name AS what,
  e.occurred_at AS happened_at,
  CAST(NULL AS VARCHAR) AS order_id,
  CAST(NULL AS VARCHAR) AS ticket_id,
  CAST(NULL AS TIMESTAMP) AS promised_at,
  CAST(NULL AS TIMESTAMP) AS delivered_at,
  e.value,
  coalesce(l.source, '') AS file,
  e.source_line
FROM events_known(CAST($as_of AS TIMESTAMP)) AS e
LEFT JOIN loads AS l ON l.load_id = e.load_id
WHERE e.customer_id = $customer
  AND e.name = $name
  AND e.occurred_at >= CAST($from AS TIMESTAMP)
  AND e.occurred_at < CAST($to AS TIMESTAMP)
ORDER BY e.occurred_at DESC, e.event_id
LIMIT CAST($limit AS BIGINT)
