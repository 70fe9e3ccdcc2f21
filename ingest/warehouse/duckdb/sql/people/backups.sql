SELECT path, made_at
FROM backups
ORDER BY made_at, path
