-- One row is a kind with what was ever read of it and refused, and the same of its newest load that refused something
-- or was the last. Rows that were refused as expected are as good as not read.
WITH
-- One row is a load, the newest of its kind first.
numbered AS (
  SELECT kind, source, rows_read - expected AS rows_read, quarantined - expected AS quarantined,
    row_number() OVER (PARTITION BY kind ORDER BY load_id DESC) AS place
  FROM loads
  WHERE rows_read > expected
),
-- One row is a kind with the reason for which most of its rows were refused.
reasons AS (
  SELECT kind, arg_max(reason, (refused, reason)) AS reason
  FROM (SELECT kind, reason, count(*) AS refused FROM quarantine WHERE NOT expected GROUP BY kind, reason)
  GROUP BY kind
)
SELECT
  numbered.kind,
  CAST(sum(rows_read) AS BIGINT) AS rows_read,
  CAST(sum(quarantined) AS BIGINT) AS refused,
  max(CASE WHEN place = 1 THEN source END) AS newest_source,
  CAST(sum(CASE WHEN place = 1 THEN rows_read END) AS BIGINT) AS newest_read,
  CAST(sum(CASE WHEN place = 1 THEN quarantined END) AS BIGINT) AS newest_refused,
  coalesce(any_value(reasons.reason), '') AS reason
FROM numbered
LEFT JOIN reasons ON reasons.kind = numbered.kind
GROUP BY numbered.kind
ORDER BY numbered.kind;
