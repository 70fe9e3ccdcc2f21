-- One row is a reference from one kind of facts to another, as known at an instant: how many have one (or a customer),
-- and how many of these lead nowhere. A reference to a kind of which nothing was known then gives no row.
WITH
-- One row is an order.
placed AS (
  SELECT order_id, customer_id
  FROM orders_known(CAST($as_of AS TIMESTAMP))
),
-- One row is somebody who can be predicted: with an order or a contract.
buyers AS (
  SELECT customer_id
  FROM placed
  UNION
  SELECT customer_id
  FROM contracts_known(CAST($as_of AS TIMESTAMP))
),
-- One row is somebody with a row of his own.
profiles AS (
  SELECT customer_id
  FROM customers_known(CAST($as_of AS TIMESTAMP))
),
-- One row is a ticket.
opened AS (
  SELECT ticket_id
  FROM tickets_known(CAST($as_of AS TIMESTAMP))
),
-- One row is a trigger.
triggered AS (
  SELECT trigger_id, min(lived_at) AS made_at
  FROM trigger_lives
  WHERE lived_at < CAST($as_of AS TIMESTAMP)
  GROUP BY trigger_id
),
-- One row is an answer, a ticket, an event or a message, with what it names.
named AS (
  SELECT 'responses' AS kind, customer_id, order_id, ticket_id
  FROM responses_known(CAST($as_of AS TIMESTAMP))
  UNION ALL
  SELECT 'tickets', customer_id, order_id, NULL
  FROM tickets_known(CAST($as_of AS TIMESTAMP))
  UNION ALL
  SELECT 'outreach', customer_id, NULL, NULL
  FROM outreach_known(CAST($as_of AS TIMESTAMP))
),
-- One row is a customer of a kind with the number of facts, for kinds that can be large.
seen AS (
  SELECT kind, customer_id, count(*) AS facts
  FROM named
  GROUP BY kind, customer_id
  UNION ALL
  SELECT 'events', customer_id, count(*)
  FROM events_known(CAST($as_of AS TIMESTAMP))
  GROUP BY customer_id
),
-- One row is a reference with its count.
counted AS (
  SELECT 'customer_row' AS reference, 'orders' AS kind, count(*) AS total, count(*) FILTER (WHERE profiles.customer_id IS NULL) AS broken
  FROM buyers
  LEFT JOIN profiles ON profiles.customer_id = buyers.customer_id
  HAVING EXISTS (SELECT 1 FROM profiles)
  UNION ALL
  SELECT 'order', 'order_items', count(*), count(*) FILTER (WHERE placed.order_id IS NULL)
  FROM (SELECT order_id, max(known_at) AS known_at FROM order_items WHERE known_at < CAST($as_of AS TIMESTAMP) GROUP BY order_id) AS items
  LEFT JOIN placed ON placed.order_id = items.order_id
  -- A line without a time of its own is known with its order: it names nothing while that is still to come.
  WHERE placed.order_id IS NOT NULL
    OR items.known_at > TIMESTAMP '1970-01-01'
    OR items.order_id NOT IN (SELECT order_id FROM orders)
  UNION ALL
  SELECT 'order', named.kind, count(*), count(*) FILTER (WHERE placed.order_id IS NULL)
  FROM named
  LEFT JOIN placed ON placed.order_id = named.order_id
  WHERE named.order_id IS NOT NULL AND EXISTS (SELECT 1 FROM placed)
  GROUP BY named.kind
  UNION ALL
  SELECT 'ticket', 'responses', count(*), count(*) FILTER (WHERE opened.ticket_id IS NULL)
  FROM named
  LEFT JOIN opened ON opened.ticket_id = named.ticket_id
  WHERE named.ticket_id IS NOT NULL AND EXISTS (SELECT 1 FROM opened)
  UNION ALL
  -- Messages from before the first trigger answer those of somebody else.
  SELECT 'trigger', 'outreach', count(*), count(*) FILTER (WHERE triggered.trigger_id IS NULL)
  FROM outreach_known(CAST($as_of AS TIMESTAMP)) AS sent
  LEFT JOIN triggered ON triggered.trigger_id = sent.trigger_id
  WHERE sent.trigger_id IS NOT NULL AND sent.sent_at >= (SELECT min(made_at) FROM triggered)
  UNION ALL
  SELECT 'buyer', seen.kind, CAST(sum(facts) AS BIGINT), CAST(coalesce(sum(facts) FILTER (WHERE buyers.customer_id IS NULL), 0) AS BIGINT)
  FROM seen
  LEFT JOIN buyers ON buyers.customer_id = seen.customer_id
  GROUP BY seen.kind
)
SELECT reference, kind, total, broken
FROM counted
WHERE total > 0
ORDER BY reference, kind;
