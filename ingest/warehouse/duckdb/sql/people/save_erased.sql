-- Hashes come as one JSON array. Customers are numbered behind those who went before; their orders have no number.
INSERT INTO erased (what, hash, erased_at, sequence)
SELECT
  given.what,
  given.hash,
  CAST($erased_at AS TIMESTAMP),
  CASE WHEN given.what = 'customer' THEN
    greatest(
      (SELECT coalesce(max(sequence), 0) FROM erased),
      (SELECT coalesce(max(sequence), 0) FROM feed_marks WHERE feed = 'erasures')
    ) + row_number() OVER (PARTITION BY given.what ORDER BY given.hash)
  END
FROM (SELECT unnest(from_json(CAST($rows AS JSON), '[{"what":"VARCHAR","hash":"VARCHAR"}]')) AS given)
ANTI JOIN erased ON erased.what = given.what AND erased.hash = given.hash
