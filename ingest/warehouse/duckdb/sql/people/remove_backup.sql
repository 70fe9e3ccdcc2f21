UPDATE backups
SET removed_at = CAST($at AS TIMESTAMP)
WHERE path = $path
  AND removed_at IS NULL
