-- One row is a copy that was ever made.
SELECT path, made_at, removed_at
FROM backups
ORDER BY made_at, path
