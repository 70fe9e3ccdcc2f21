-- One row is a kind with the rows that were ever read of it.
SELECT
  kind,
  CAST(sum(rows_read) AS BIGINT) AS rows_read,
  CAST(sum(quarantined) AS BIGINT) AS quarantined
FROM loads
GROUP BY kind
ORDER BY kind;
