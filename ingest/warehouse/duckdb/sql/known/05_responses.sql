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

-- answer_group(kind, score): how content an answer is, as model.AnswerGroupOf says; NULL for an unknown kind.
CREATE OR REPLACE MACRO answer_group(kind, score) AS
  CASE kind
    WHEN 'nps' THEN CASE WHEN score >= 9 THEN 'promoter' WHEN score >= 7 THEN 'passive' ELSE 'detractor' END
    WHEN 'ces' THEN CASE WHEN score >= 6 THEN 'promoter' WHEN score >= 4 THEN 'passive' ELSE 'detractor' END
    WHEN 'csat' THEN CASE WHEN score >= 4 THEN 'promoter' WHEN score >= 3 THEN 'passive' ELSE 'detractor' END
    WHEN 'rating' THEN CASE WHEN score >= 4 THEN 'promoter' WHEN score >= 3 THEN 'passive' ELSE 'detractor' END
    WHEN 'sentiment' THEN CASE WHEN score > 0.3 THEN 'promoter' WHEN score >= -0.3 THEN 'passive' ELSE 'detractor' END
  END;
