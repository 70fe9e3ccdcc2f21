-- One row is a survey that was sent to a customer since $since, or an answer of his, ordered by customer and instant.
SELECT
  customer_id,
  sent_at AS happened_at,
  false AS is_answer,
  outreach_id AS id,
  coalesce(survey_id, '') AS survey_id,
  '' AS kind,
  CAST(0 AS DOUBLE) AS score,
  replied_at IS NOT NULL AS is_replied,
  '' AS touchpoint,
  coalesce(channel, '') AS channel,
  coalesce(template, '') AS template
FROM outreach_known(CAST($until AS TIMESTAMP))
WHERE kind = 'survey' AND sent_at >= CAST($since AS TIMESTAMP) AND customer_id IN (SELECT unnest($customers))
UNION ALL
SELECT
  customer_id,
  answered_at,
  true,
  response_id,
  coalesce(survey_id, ''),
  kind,
  score,
  false,
  coalesce(touchpoint, ''),
  '',
  ''
FROM responses_known(CAST($until AS TIMESTAMP))
WHERE kind <> 'sentiment' AND answered_at >= CAST($since AS TIMESTAMP) AND customer_id IN (SELECT unnest($customers))
ORDER BY customer_id, happened_at, is_answer, id
