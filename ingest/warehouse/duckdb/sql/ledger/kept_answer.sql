SELECT
  hash,
  answer,
  answered_at
FROM kept_answers
WHERE answer_key = $key
  AND answered_at > CAST($after AS TIMESTAMP)
ORDER BY answered_at DESC
LIMIT 1;
