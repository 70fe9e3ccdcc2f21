-- ticket_versions(t): one row is a version of a ticket that was known before t, with what the version said before t.
-- superseded_at is when a newer version became known, NULL for the version that counts at t. reopened_at and soured_at
-- are when a version first said that the ticket was reopened, or that its sentiment was negative.
CREATE OR REPLACE MACRO ticket_versions(t) AS TABLE
WITH
-- One row is a ticket with more than one stored version.
revised AS (
  SELECT DISTINCT ticket_id
  FROM tickets
  WHERE revision > 0
),
-- One row is a version of such a ticket: when the next one became known, and what versions first said when.
followed AS (
  SELECT
    rowid AS version,
    lead(known_at) OVER (PARTITION BY ticket_id ORDER BY known_at, tie, row_hash) AS superseded_at,
    min(CASE WHEN reopened_count > 0 THEN settled_at END) OVER (PARTITION BY ticket_id) AS first_reopened_at,
    min(CASE WHEN sentiment < -0.3 THEN settled_at END) OVER (PARTITION BY ticket_id) AS first_soured_at
  FROM tickets
  SEMI JOIN revised USING (ticket_id)
  WHERE known_at < t AND opened_at < t
),
-- One row is a version of any ticket.
versions AS (
  SELECT
    tickets.*,
    followed.superseded_at,
    coalesce(followed.first_reopened_at, settled_at) AS reopened_at,
    coalesce(followed.first_soured_at, settled_at) AS soured_at
  FROM tickets
  LEFT JOIN followed ON followed.version = tickets.rowid
  WHERE known_at < t AND opened_at < t
)
SELECT
  ticket_id,
  customer_id,
  opened_at,
  CASE WHEN first_replied_at < t THEN first_replied_at END AS first_replied_at,
  CASE WHEN resolved_at < t THEN resolved_at END AS resolved_at,
  CASE WHEN settled_at < t THEN reopened_count END AS reopened_count,
  topic,
  CASE WHEN settled_at < t THEN sentiment END AS sentiment,
  order_id,
  CASE WHEN settled_at < t THEN tags END AS tags,
  language,
  CASE WHEN settled_at < t AND reopened_count > 0 AND reopened_at < t THEN reopened_at END AS reopened_at,
  CASE WHEN settled_at < t AND sentiment < -0.3 AND soured_at < t THEN soured_at END AS soured_at,
  settled_at,
  known_at,
  settled_at,
  superseded_at,
  load_id,
  source_line
FROM versions;

-- tickets_known(t): one row is a support ticket as known at t.
CREATE OR REPLACE MACRO tickets_known(t) AS TABLE
SELECT
  ticket_id,
  customer_id,
  opened_at,
  first_replied_at,
  resolved_at,
  reopened_count,
  topic,
  sentiment,
  order_id,
  tags,
  language,
  reopened_at,
  soured_at,
  settled_at,
  known_at,
  load_id,
  source_line
FROM ticket_versions(t)
WHERE superseded_at IS NULL;
