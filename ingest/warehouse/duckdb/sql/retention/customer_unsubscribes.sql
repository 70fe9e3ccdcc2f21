-- One row is an unsubscribe, oldest first.
SELECT customer_id, min(greatest(occurred_at, known_at)) AS visible_at
FROM events
WHERE customer_id IN (SELECT unnest($customers)) AND name = 'unsubscribe' AND occurred_at < $until AND known_at < $until
GROUP BY customer_id, event_id
ORDER BY customer_id, visible_at
