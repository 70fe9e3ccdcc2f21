-- The number of the newest change of any trigger, also of one that was erased.
SELECT CAST(greatest(
  (SELECT coalesce(max(sequence), 0) FROM trigger_lives),
  (SELECT coalesce(max(sequence), 0) FROM feed_marks WHERE feed = 'triggers')
) AS UBIGINT) AS sequence
