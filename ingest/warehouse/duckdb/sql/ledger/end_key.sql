-- Changes no row where there is no such key.
INSERT INTO api_key_ends (key_id, ends_at, reason, successor)
SELECT
  key_id, CAST($ends_at AS TIMESTAMP), $reason, $successor
FROM api_keys
WHERE key_id = $id;
