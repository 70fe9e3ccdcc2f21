SELECT path, made_at
FROM backups
WHERE removed_at IS NULL
ORDER BY made_at, path
