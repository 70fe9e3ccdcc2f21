SELECT what, hash, erased_at, sequence
FROM erased
ORDER BY sequence NULLS LAST, hash
