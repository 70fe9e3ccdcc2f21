-- One row: the newest load and the newest publication, of a snapshot or of scores that were made anew.
SELECT
  (SELECT coalesce(max(load_id), 0) FROM loads) AS load_id,
  (SELECT coalesce(max(number), 0) FROM (SELECT max(snapshot) AS number FROM snapshots UNION ALL SELECT max(amendment) FROM amendments)) AS snapshot
