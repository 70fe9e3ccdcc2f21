-- The newest load: its number and its arrival. No row when nothing was loaded.
SELECT
  load_id,
  recorded_at
FROM loads
ORDER BY load_id DESC
LIMIT 1;
