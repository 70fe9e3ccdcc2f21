-- One row is an answer since $since as it was first known, oldest first.
WITH
first_known AS (
  SELECT customer_id, response_id, kind, score, answered_at, greatest(answered_at, known_at) AS visible_at
  FROM responses
  WHERE customer_id IN (SELECT unnest($customers)) AND answered_at >= $since AND answered_at < $until
  QUALIFY row_number() OVER (
    PARTITION BY response_id ORDER BY greatest(answered_at, known_at), known_at DESC, tie DESC, row_hash DESC
  ) = 1
)
SELECT customer_id, response_id, kind, score, answered_at, visible_at
FROM first_known
WHERE visible_at < $until
ORDER BY customer_id, visible_at, response_id
