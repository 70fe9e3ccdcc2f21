INSERT INTO quarantine (load_id, kind, file, line, column_name, reason, detail, raw, recorded_at)
SELECT CAST($load_id AS BIGINT), $kind,
  unnest(CAST($files AS VARCHAR[])), unnest(CAST($lines AS BIGINT[])), unnest(CAST($columns AS VARCHAR[])),
  unnest(CAST($reasons AS VARCHAR[])), unnest(CAST($details AS VARCHAR[])), unnest(CAST($raws AS VARCHAR[])),
  CAST($recorded_at AS TIMESTAMP)
