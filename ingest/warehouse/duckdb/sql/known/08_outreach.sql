-- outreach_known(t): one row is a message to a customer as known at t.
CREATE OR REPLACE MACRO outreach_known(t) AS TABLE
WITH
-- One row is a message with more than one stored version.
revised AS (
  SELECT DISTINCT outreach_id
  FROM outreach
  WHERE revision > 0
),
-- One row is a version that a newer one has replaced.
replaced AS (
  SELECT rowid AS version
  FROM outreach
  SEMI JOIN revised USING (outreach_id)
  WHERE known_at < t AND sent_at < t
  QUALIFY row_number() OVER (PARTITION BY outreach_id ORDER BY known_at DESC, tie DESC, row_hash DESC) > 1
),
-- One row is the newest version of a message.
newest AS (
  SELECT *
  FROM outreach
  ANTI JOIN replaced ON replaced.version = outreach.rowid
  WHERE known_at < t AND sent_at < t
)
SELECT
  outreach_id,
  customer_id,
  sent_at,
  kind,
  trigger_id,
  survey_id,
  channel,
  template,
  variant,
  offer,
  cost,
  CASE WHEN opened_at < t THEN opened_at END AS opened_at,
  CASE WHEN clicked_at < t THEN clicked_at END AS clicked_at,
  CASE WHEN replied_at < t THEN replied_at END AS replied_at,
  CASE WHEN converted_at < t THEN converted_at END AS converted_at,
  CASE WHEN resolved_at < t THEN resolved_at END AS resolved_at,
  known_at,
  load_id,
  source_line
FROM newest;
