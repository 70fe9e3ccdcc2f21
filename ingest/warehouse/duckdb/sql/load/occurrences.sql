-- Rows that repeat another of the same load, told apart by their number among their equals.
CREATE TEMP TABLE IF NOT EXISTS load_seen (row_hash UBIGINT);

UPDATE load_incoming SET event_id = substring(event_id, 1, 33) || CAST(numbered.nth AS VARCHAR)
FROM (
  SELECT repeated.rowid AS place,
    row_number() OVER (PARTITION BY repeated.row_hash ORDER BY repeated.rowid) + COALESCE(any_value(before.times) OVER (PARTITION BY repeated.row_hash), 0) AS nth
  FROM load_incoming AS repeated
  SEMI JOIN (
    SELECT row_hash FROM load_incoming WHERE generated GROUP BY row_hash HAVING count(*) > 1
    UNION
    SELECT row_hash FROM load_incoming SEMI JOIN load_seen USING (row_hash) WHERE generated
  ) AS known USING (row_hash)
  LEFT JOIN (SELECT row_hash, count(*) AS times FROM load_seen GROUP BY row_hash) AS before USING (row_hash)
  WHERE repeated.generated AND repeated.fault IS NULL
) AS numbered
WHERE load_incoming.rowid = numbered.place;

INSERT INTO load_seen SELECT row_hash FROM load_incoming WHERE generated AND fault IS NULL
