-- One row is a version of a ticket, oldest first, with what had happened before $until.
SELECT customer_id, ticket_id, known_at, opened_at, CASE WHEN resolved_at < $until THEN resolved_at END AS resolved_at
FROM tickets
WHERE customer_id IN (SELECT unnest($customers)) AND known_at < $until AND opened_at < $until
ORDER BY customer_id, known_at, tie, row_hash
