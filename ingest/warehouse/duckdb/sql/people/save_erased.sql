-- Hashes come as one JSON array.
INSERT INTO erased (what, hash, erased_at)
SELECT given.what, given.hash, CAST($erased_at AS TIMESTAMP)
FROM (SELECT unnest(from_json(CAST($rows AS JSON), '[{"what":"VARCHAR","hash":"VARCHAR"}]')) AS given)
ANTI JOIN erased ON erased.what = given.what AND erased.hash = given.hash
