-- One row: the number and end of the newest run, 0 before the first, and the highest sequence that a life ever had.
SELECT
  coalesce((SELECT max(run) FROM retention_runs), 0) AS run,
  (SELECT max(to_at) FROM retention_runs) AS to_at,
  CAST(greatest(
    (SELECT coalesce(max(sequence), 0) FROM trigger_lives),
    (SELECT coalesce(max(sequence), 0) FROM feed_marks WHERE feed = 'triggers')
  ) AS UBIGINT) AS sequence
