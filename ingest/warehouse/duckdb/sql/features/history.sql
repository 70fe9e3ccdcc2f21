-- One row per kind of facts known before an instant, in the order of model.FactKinds.
SELECT 'customers' AS kind, count(*) AS facts, count(DISTINCT customer_id) AS customers,
  min(signed_up_at) AS first_at, max(signed_up_at) AS last_at
FROM customers_known(CAST($as_of AS TIMESTAMP))
UNION ALL
SELECT 'contracts', count(*), count(DISTINCT customer_id), min(started_at), max(greatest(started_at, coalesce(cancelled_at, started_at)))
FROM contracts_known(CAST($as_of AS TIMESTAMP))
UNION ALL
SELECT 'orders', count(*), count(DISTINCT customer_id), min(ordered_at), max(ordered_at)
FROM orders_known(CAST($as_of AS TIMESTAMP))
UNION ALL
SELECT 'order_items', count(*), count(DISTINCT customer_id), min(ordered_at), max(ordered_at)
FROM order_items_known(CAST($as_of AS TIMESTAMP))
UNION ALL
SELECT 'responses', count(*), count(DISTINCT customer_id), min(answered_at), max(answered_at)
FROM responses_known(CAST($as_of AS TIMESTAMP))
UNION ALL
SELECT 'tickets', count(*), count(DISTINCT customer_id), min(opened_at), max(opened_at)
FROM tickets_known(CAST($as_of AS TIMESTAMP))
UNION ALL
SELECT 'events', count(*), count(DISTINCT customer_id), min(occurred_at), max(occurred_at)
FROM events_known(CAST($as_of AS TIMESTAMP))
UNION ALL
SELECT 'outreach', count(*), count(DISTINCT customer_id), min(sent_at), max(sent_at)
FROM outreach_known(CAST($as_of AS TIMESTAMP))
