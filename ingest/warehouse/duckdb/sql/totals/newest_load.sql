-- The number of the newest load, 0 when nothing was loaded.
SELECT coalesce(max(load_id), 0) AS load_id
FROM loads;
