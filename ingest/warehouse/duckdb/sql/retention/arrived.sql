-- One row: the newest load and the newest publication.
SELECT
  (SELECT coalesce(max(load_id), 0) FROM loads) AS load_id,
  (SELECT coalesce(max(snapshot), 0) FROM snapshots) AS snapshot
