-- One row: whether anything is known of a customer before an instant.
SELECT
  EXISTS (SELECT 1 FROM customers_known(CAST($as_of AS TIMESTAMP)) WHERE customer_id = $customer)
  OR EXISTS (SELECT 1 FROM contracts_known(CAST($as_of AS TIMESTAMP)) WHERE customer_id = $customer)
  OR EXISTS (SELECT 1 FROM orders_known(CAST($as_of AS TIMESTAMP)) WHERE customer_id = $customer)
  OR EXISTS (SELECT 1 FROM responses_known(CAST($as_of AS TIMESTAMP)) WHERE customer_id = $customer)
  OR EXISTS (SELECT 1 FROM tickets_known(CAST($as_of AS TIMESTAMP)) WHERE customer_id = $customer)
  OR EXISTS (SELECT 1 FROM events_known(CAST($as_of AS TIMESTAMP)) WHERE customer_id = $customer)
  OR EXISTS (SELECT 1 FROM outreach_known(CAST($as_of AS TIMESTAMP)) WHERE customer_id = $customer) AS known
