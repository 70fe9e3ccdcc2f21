-- One row is a kind with what was ever read of it and refused, and the same of its newest loads: as many as have read
-- $least rows together. Rows that were refused as expected are as good as not read.
WITH
-- One row is a load, the newest of its kind first, and how many rows the loads of its kind after it have read.
numbered AS (
  SELECT kind, source, rows_read - expected AS rows_read, quarantined - expected AS quarantined,
    row_number() OVER newer AS place,
    sum(rows_read - expected) OVER newer - (rows_read - expected) AS read_since
  FROM loads
  WHERE rows_read > expected
  WINDOW newer AS (PARTITION BY kind ORDER BY load_id DESC ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
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
  count(*) FILTER (WHERE place = 1 OR read_since < $least) AS newest_loads,
  CAST(sum(rows_read) FILTER (WHERE place = 1 OR read_since < $least) AS BIGINT) AS newest_read,
  CAST(sum(quarantined) FILTER (WHERE place = 1 OR read_since < $least) AS BIGINT) AS newest_refused,
  coalesce(any_value(reasons.reason), '') AS reason
FROM numbered
LEFT JOIN reasons ON reasons.kind = numbered.kind
GROUP BY numbered.kind
ORDER BY numbered.kind;
