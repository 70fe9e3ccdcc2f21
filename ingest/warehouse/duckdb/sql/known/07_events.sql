-- events_known(t): one row is an event as known at t.
CREATE OR REPLACE MACRO events_known(t) AS TABLE
WITH
-- One row is an event with more than one stored version.
revised AS (
  SELECT DISTINCT event_id
  FROM events
  WHERE revision > 0
),
-- One row is a version that a newer one has replaced.
replaced AS (
  SELECT rowid AS version
  FROM events
  SEMI JOIN revised USING (event_id)
  WHERE known_at < t AND occurred_at < t
  QUALIFY row_number() OVER (PARTITION BY event_id ORDER BY known_at DESC, tie DESC, row_hash DESC) > 1
),
-- One row is the newest version of an event.
newest AS (
  SELECT *
  FROM events
  ANTI JOIN replaced ON replaced.version = events.rowid
  WHERE known_at < t AND occurred_at < t
)
SELECT
  event_id,
  customer_id,
  occurred_at,
  name,
  value,
  sku,
  session_id,
  known_at,
  load_id,
  source_line
FROM newest;
