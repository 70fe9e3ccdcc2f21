SELECT value
FROM secrets
WHERE name = $name
ORDER BY value
LIMIT 1;
