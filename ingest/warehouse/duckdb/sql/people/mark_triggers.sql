-- The lives that an erasure removes may be the newest ones.
INSERT INTO feed_marks (feed, sequence)
SELECT
  'triggers',
  max(sequence)
FROM trigger_lives
HAVING max(sequence) > (SELECT coalesce(max(sequence), 0) FROM feed_marks WHERE feed = 'triggers')
