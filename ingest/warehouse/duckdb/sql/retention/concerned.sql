-- One row is a customer of some triggers.
SELECT DISTINCT customer_id
FROM triggers
WHERE trigger_id IN (SELECT unnest($triggers))
ORDER BY customer_id
