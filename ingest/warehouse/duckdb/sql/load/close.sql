INSERT INTO loads (load_id, source, kind, recorded_at, rows_read, loaded, replaced, unchanged, quarantined, expected)
VALUES ($load_id, $source, $kind, CAST($recorded_at AS TIMESTAMP), $rows_read, $loaded, $replaced, $unchanged, $quarantined, $expected)
