-- The number of the newest erasure that was ever told.
SELECT CAST(greatest(
  (SELECT coalesce(max(sequence), 0) FROM erased),
  (SELECT coalesce(max(sequence), 0) FROM feed_marks WHERE feed = 'erasures')
) AS UBIGINT) AS sequence;
