SELECT DISTINCT what, hash
FROM erased
ORDER BY what, hash
