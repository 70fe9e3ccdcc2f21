-- One row per answer of a customer within a window, newest first; its value is on its kind's own scale.
SELECT
  r.kind AS what,
  r.answered_at AS happened_at,
  r.order_id,
  r.ticket_id,
  CAST(NULL AS TIMESTAMP) AS promised_at,
  CAST(NULL AS TIMESTAMP) AS delivered_at,
  r.score AS value,
  coalesce(l.source, '') AS file,
  r.source_line
FROM responses_known(CAST($as_of AS TIMESTAMP)) AS r
LEFT JOIN loads AS l ON l.load_id = r.load_id
WHERE r.customer_id = $customer
  AND r.answered_at >= CAST($from AS TIMESTAMP)
  AND r.answered_at < CAST($to AS TIMESTAMP)
ORDER BY r.answered_at DESC, r.response_id
LIMIT CAST($limit AS BIGINT)
