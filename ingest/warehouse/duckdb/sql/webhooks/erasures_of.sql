-- One row is an erased customer among those whose keyed hashes come as a JSON list.
SELECT sequence, hash, erased_at
FROM erased
WHERE what = 'customer'
  AND hash IN (SELECT unnest(from_json(CAST($hashes AS JSON), '["VARCHAR"]')))
ORDER BY sequence;
