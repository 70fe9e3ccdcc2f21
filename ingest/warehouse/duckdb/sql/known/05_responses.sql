-- responses_known(t): one row is an answer as known at t, with points on the one scale of 0 to 100.
CREATE OR REPLACE MACRO responses_known(t) AS TABLE
WITH
-- One row is an answer with more than one stored version.
revised AS (
  SELECT DISTINCT response_id
  FROM responses
  WHERE revision > 0
),
-- One row is a version that a newer one has replaced.
replaced AS (
  SELECT rowid AS version
  FROM responses
  SEMI JOIN revised USING (response_id)
  WHERE known_at < t AND answered_at < t
  QUALIFY row_number() OVER (PARTITION BY response_id ORDER BY known_at DESC, tie DESC, row_hash DESC) > 1
),
-- One row is the newest version of an answer.
newest AS (
  SELECT *
  FROM responses
  ANTI JOIN replaced ON replaced.version = responses.rowid
  WHERE known_at < t AND answered_at < t
)
SELECT
  response_id,
  customer_id,
  answered_at,
  kind,
  score,
  CASE kind
    WHEN 'nps' THEN score * 10
    WHEN 'csat' THEN (score - 1) * 25
    WHEN 'rating' THEN (score - 1) * 25
    WHEN 'ces' THEN (score - 1) * 100 / 6
    WHEN 'sentiment' THEN (score + 1) * 50
  END AS points,
  touchpoint,
  order_id,
  ticket_id,
  survey_id,
  comment,
  tags,
  language,
  known_at,
  load_id,
  source_line
FROM newest;
