SELECT load_id, kind, file, line, column_name, reason, detail, raw, recorded_at
FROM quarantine
WHERE ($kind = '' OR kind = $kind)
  AND ($reason = '' OR reason = $reason)
  AND ($file = '' OR file = $file)
  AND ($load_id = 0 OR load_id = $load_id)
ORDER BY load_id DESC, file, line, column_name, reason, detail, raw
LIMIT CAST($rows AS BIGINT)
