-- A copy takes the place of one of the same name; - is standard output.
UPDATE backups
SET removed_at = CAST($made_at AS TIMESTAMP)
WHERE path = $path
  AND path <> '-'
  AND removed_at IS NULL;

INSERT INTO backups (path, made_at)
VALUES ($path, CAST($made_at AS TIMESTAMP));
