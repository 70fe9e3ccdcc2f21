INSERT INTO backups (path, made_at)
VALUES ($path, CAST($made_at AS TIMESTAMP))
