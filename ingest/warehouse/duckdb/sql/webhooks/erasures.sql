-- One row is an erased customer, by his keyed hash.
SELECT sequence, hash, erased_at
FROM erased
WHERE what = 'customer'
  AND sequence > $since
ORDER BY sequence
LIMIT $top;
