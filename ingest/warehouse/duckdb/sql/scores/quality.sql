-- One row is a check that finds something odd among the facts of a customer that is asked for.
SELECT customer_id, check_name, kind, facts, detail
FROM score_quality
WHERE run = $run AND customer_id IN (SELECT unnest(CAST($customers AS VARCHAR[])))
ORDER BY customer_id, check_name, kind
