-- Copies that are known come as a JSON array; instants in microseconds.
CREATE TEMP TABLE noted AS
SELECT
  given.path,
  make_timestamp(given.made_at) AS made_at,
  make_timestamp(given.removed_at) AS removed_at
FROM (
  SELECT unnest(from_json(CAST($rows AS JSON), '[{"path":"VARCHAR","made_at":"BIGINT","removed_at":"BIGINT"}]'), recursive := true)
) AS given;

DELETE FROM backups
USING noted
WHERE backups.path = noted.path
  AND backups.made_at = noted.made_at;

INSERT INTO backups (path, made_at, removed_at)
SELECT path, made_at, removed_at
FROM noted;

DROP TABLE noted;
