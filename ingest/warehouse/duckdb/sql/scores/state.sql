-- One row: the newest publication, and how many were erased.
SELECT
  (SELECT coalesce(max(number), 0) FROM (SELECT max(snapshot) AS number FROM snapshots UNION ALL SELECT max(amendment) FROM amendments)) AS publication,
  (SELECT count(*) FROM erased) AS erased
