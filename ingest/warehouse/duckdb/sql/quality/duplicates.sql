-- One row is a kind with the facts that repeat another under a different id, as known at an instant: same customer,
-- same instant, same content. The first of a group counts as no repeat.
WITH
-- One row is a group of facts that say the same.
groups AS (
  SELECT 'orders' AS kind, count(*) AS facts
  FROM orders_known(CAST($as_of AS TIMESTAMP))
  GROUP BY customer_id, ordered_at, amount, currency
  UNION ALL
  SELECT 'responses', count(*)
  FROM responses_known(CAST($as_of AS TIMESTAMP))
  GROUP BY customer_id, answered_at, kind, score, touchpoint, comment
  UNION ALL
  SELECT 'tickets', count(*)
  FROM tickets_known(CAST($as_of AS TIMESTAMP))
  GROUP BY customer_id, opened_at, topic, order_id
  UNION ALL
  SELECT 'contracts', count(*)
  FROM contracts_known(CAST($as_of AS TIMESTAMP))
  GROUP BY customer_id, started_at, price, term
  UNION ALL
  -- Ids that differ in case or blanks alone, such as mail addresses, are one customer.
  SELECT 'customers', count(*)
  FROM (SELECT DISTINCT customer_id FROM orders_known(CAST($as_of AS TIMESTAMP)) UNION SELECT customer_id FROM customers_known(CAST($as_of AS TIMESTAMP)))
  GROUP BY lower(trim(customer_id))
)
SELECT
  kind,
  CAST(sum(facts) AS BIGINT) AS total,
  CAST(sum(facts - 1) AS BIGINT) AS repeated
FROM groups
GROUP BY kind
ORDER BY kind;
