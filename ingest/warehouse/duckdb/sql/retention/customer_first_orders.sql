-- One row is a customer with when his first order was placed.
SELECT customer_id, min(ordered_at) AS first_ordered_at
FROM orders
WHERE customer_id IN (SELECT unnest($customers)) AND ordered_at < $until AND known_at < $until
GROUP BY customer_id
ORDER BY customer_id
