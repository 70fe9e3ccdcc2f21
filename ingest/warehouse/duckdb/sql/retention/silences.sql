-- One row is a survey that was not answered in time; number counts those in a row.
WITH
-- One row is a survey as it was first known, and when it counts as unanswered.
surveys AS (
  SELECT
    customer_id, outreach_id, sent_at, load_id,
    sent_at + to_days(CAST($days AS INTEGER)) AS happened_at,
    greatest(sent_at + to_days(CAST($days AS INTEGER)), known_at) AS visible_at
  FROM outreach
  WHERE kind = 'survey' AND sent_at < $until
  QUALIFY row_number() OVER (
    PARTITION BY outreach_id ORDER BY greatest(sent_at, known_at), known_at DESC, tie DESC, row_hash DESC
  ) = 1
),
-- One row is a survey and an answer that was known before it counted as unanswered.
answered AS (
  SELECT DISTINCT surveys.outreach_id
  FROM surveys
  JOIN responses AS r ON r.customer_id = surveys.customer_id
  WHERE r.answered_at >= surveys.sent_at AND greatest(r.answered_at, r.known_at) < surveys.visible_at
),
-- One row is a survey, with how many before it were answered.
runs AS (
  SELECT
    surveys.*,
    answered.outreach_id IS NOT NULL AS is_answered,
    count(answered.outreach_id) OVER (PARTITION BY surveys.customer_id ORDER BY surveys.sent_at, surveys.outreach_id) AS answers
  FROM surveys
  LEFT JOIN answered ON answered.outreach_id = surveys.outreach_id
),
-- One row is an unanswered one with its place among those in a row.
unanswered AS (
  SELECT *, row_number() OVER (PARTITION BY customer_id, answers ORDER BY sent_at, outreach_id) AS place
  FROM runs
  WHERE NOT is_answered
)
SELECT
  customer_id,
  outreach_id AS key,
  happened_at,
  visible_at,
  CAST(place AS DOUBLE) AS number,
  '' AS word,
  '' AS order_id,
  '' AS ticket_id,
  '' AS sku,
  false AS has_comment,
  '' AS theme,
  '' AS level,
  CAST(NULL AS TIMESTAMP) AS promised_at,
  CAST(NULL AS TIMESTAMP) AS delivered_at
FROM unanswered
WHERE visible_at < $until AND happened_at >= $oldest AND (visible_at >= $from OR load_id > $load)
ORDER BY visible_at, customer_id, key
