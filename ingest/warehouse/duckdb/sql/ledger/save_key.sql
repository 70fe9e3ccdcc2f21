INSERT INTO api_keys (key_id, name, hash, scopes, created_at)
VALUES ($id, $name, $hash, from_json(CAST($scopes AS JSON), '["VARCHAR"]'), CAST($created_at AS TIMESTAMP));
