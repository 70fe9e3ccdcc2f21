-- contracts_known(t): one row is a contract as known at t; cancelled_at is the notice. is_running says that it had
-- started, had not ended and that no notice was known.
CREATE OR REPLACE MACRO contracts_known(t) AS TABLE
WITH
-- One row is a contract with more than one stored version.
revised AS (
  SELECT DISTINCT contract_id
  FROM contracts
  WHERE revision > 0
),
-- One row is a version that a newer one has replaced.
replaced AS (
  SELECT rowid AS version
  FROM contracts
  SEMI JOIN revised USING (contract_id)
  WHERE known_at < t AND started_at < t
  QUALIFY row_number() OVER (PARTITION BY contract_id ORDER BY known_at DESC, tie DESC, row_hash DESC) > 1
),
-- One row is the newest version of a contract.
newest AS (
  SELECT *
  FROM contracts
  ANTI JOIN replaced ON replaced.version = contracts.rowid
  WHERE known_at < t AND started_at < t
)
SELECT
  contract_id,
  customer_id,
  started_at,
  -- An export holds the renewal that comes next now, not the one that came next then.
  CASE WHEN settled_at < t THEN renews_at END AS renews_at,
  CASE WHEN settled_at < t THEN term END AS term,
  CASE WHEN settled_at < t THEN price END AS price,
  CASE WHEN cancelled_at < t THEN cancelled_at END AS cancelled_at,
  CASE WHEN ends_at < t THEN ends_at END AS ends_at,
  NOT coalesce(cancelled_at < t, false) AND NOT coalesce(ends_at < t, false) AS is_running,
  known_at,
  load_id,
  source_line
FROM newest;
