-- One row is a customer with how many surveys he answered in a span, as known at its end.
SELECT customer_id, count(*) AS answers
FROM responses_known(CAST($until AS TIMESTAMP))
WHERE kind <> 'sentiment' AND answered_at >= CAST($from AS TIMESTAMP)
GROUP BY customer_id
ORDER BY customer_id
