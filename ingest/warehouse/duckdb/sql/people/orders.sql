SELECT DISTINCT order_id
FROM orders
WHERE customer_id = $customer
ORDER BY order_id
