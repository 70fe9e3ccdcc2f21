SELECT
  acted_at,
  key_id,
  key_name,
  action,
  subject,
  resource,
  outcome,
  request_id,
  times
FROM audit_log
WHERE acted_at >= CAST($since AS TIMESTAMP)
  AND ($key = '' OR key_id = $key OR key_name = $key)
  AND ($subject = '' OR subject = $subject)
ORDER BY entry DESC
LIMIT CASE WHEN $limit = 0 THEN NULL ELSE $limit END;
