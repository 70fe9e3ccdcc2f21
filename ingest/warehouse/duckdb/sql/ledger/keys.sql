WITH
  -- One row is the end of a key.
  ends AS (
    SELECT
      key_id,
      min(ends_at) AS ends_at,
      arg_min(reason, (ends_at, reason)) AS reason,
      max(successor) AS successor
    FROM api_key_ends
    GROUP BY key_id
  )
SELECT
  api_keys.key_id,
  api_keys.name,
  api_keys.hash,
  CAST(to_json(api_keys.scopes) AS VARCHAR) AS scopes,
  api_keys.created_at,
  ends.ends_at,
  COALESCE(ends.reason, '') AS reason,
  COALESCE(ends.successor, '') AS successor
FROM api_keys
LEFT JOIN ends ON ends.key_id = api_keys.key_id
ORDER BY api_keys.created_at, api_keys.key_id;
