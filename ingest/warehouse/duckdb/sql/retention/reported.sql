-- One row is a trigger that messages to a customer name.
SELECT DISTINCT trigger_id, customer_id
FROM outreach
WHERE trigger_id IN (SELECT unnest($triggers)) AND sent_at < $until AND known_at < $until
ORDER BY trigger_id, customer_id
