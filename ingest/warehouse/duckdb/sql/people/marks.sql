-- One row: the highest number that a trigger, that a score and that an erasure ever had.
SELECT
  CAST(greatest(
    (SELECT coalesce(max(sequence), 0) FROM trigger_lives),
    (SELECT coalesce(max(sequence), 0) FROM feed_marks WHERE feed = 'triggers')
  ) AS UBIGINT) AS triggers,
  CAST(greatest(
    (SELECT coalesce(max(sequence), 0) FROM snapshots),
    (SELECT coalesce(max(sequence), 0) FROM feed_marks WHERE feed = 'scores')
  ) AS UBIGINT) AS scores,
  CAST(greatest(
    (SELECT coalesce(max(sequence), 0) FROM erased),
    (SELECT coalesce(max(sequence), 0) FROM feed_marks WHERE feed = 'erasures')
  ) AS UBIGINT) AS erasures
