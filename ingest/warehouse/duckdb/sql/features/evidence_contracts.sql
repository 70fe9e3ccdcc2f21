-- One row per running contract of a customer, newest first; its value is the price.
SELECT
  'contract' AS what,
  c.started_at AS happened_at,
  CAST(NULL AS VARCHAR) AS order_id,
  CAST(NULL AS VARCHAR) AS ticket_id,
  CAST(NULL AS TIMESTAMP) AS promised_at,
  CAST(NULL AS TIMESTAMP) AS delivered_at,
  CAST(c.price AS DOUBLE) AS value,
  coalesce(l.source, '') AS file,
  c.source_line
FROM contracts_known(CAST($as_of AS TIMESTAMP)) AS c
LEFT JOIN loads AS l ON l.load_id = c.load_id
WHERE c.customer_id = $customer AND c.is_running
ORDER BY c.started_at DESC, c.contract_id
LIMIT CAST($limit AS BIGINT)
