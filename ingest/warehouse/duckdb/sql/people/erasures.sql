SELECT what, hash, erased_at
FROM erased
ORDER BY erased_at, what, hash
