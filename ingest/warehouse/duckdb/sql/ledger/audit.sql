-- Entries come as one JSON array, in their order.
INSERT INTO audit_log (entry, acted_at, key_id, key_name, action, subject, resource, outcome, request_id, times)
SELECT
  (SELECT COALESCE(max(entry), 0) FROM audit_log) + given.position,
  make_timestamp(given.acted_at), given.key_id, given.key_name, given.action, given.subject, given.resource, given.outcome,
  given.request_id, given.times
FROM (
  SELECT unnest(from_json(CAST($rows AS JSON),
    '[{"position":"BIGINT","acted_at":"BIGINT","key_id":"VARCHAR","key_name":"VARCHAR","action":"VARCHAR","subject":"VARCHAR","resource":"VARCHAR","outcome":"VARCHAR","request_id":"VARCHAR","times":"BIGINT"}]')) AS given
)
ORDER BY given.position;
