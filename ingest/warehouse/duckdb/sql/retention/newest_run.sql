-- One row: the number and end of the newest run, 0 before the first, and the highest sequence of a life.
SELECT
  coalesce((SELECT max(run) FROM retention_runs), 0) AS run,
  (SELECT max(to_at) FROM retention_runs) AS to_at,
  CAST(coalesce((SELECT max(sequence) FROM trigger_lives), 0) AS UBIGINT) AS sequence
