-- One row per fact about a customer that a score can be made from and that was known before an instant, newest first;
-- source is that of model.Source, name what a feature asks for, dated_at what its window is held against. Beginning
-- with from, but for answers, running contracts and the profile, which count however old.
WITH
-- One row is an order that counts.
placed AS (
  SELECT
    'orders' AS source, '' AS name, 'order' AS what, ordered_at AS dated_at, order_id, CAST(NULL AS VARCHAR) AS ticket_id,
    promised_at, delivered_at, CAST(amount AS DOUBLE) AS value, load_id, source_line, order_id AS tie
  FROM orders_known(CAST($as_of AS TIMESTAMP))
  WHERE customer_id = $customer AND NOT is_void AND ordered_at >= CAST($from AS TIMESTAMP)
),
-- One row is an answer; its value is on its kind's own scale.
answered AS (
  SELECT
    'responses' AS source, kind AS name, kind AS what, answered_at AS dated_at, order_id, ticket_id,
    CAST(NULL AS TIMESTAMP) AS promised_at, CAST(NULL AS TIMESTAMP) AS delivered_at, score AS value, load_id, source_line,
    response_id AS tie
  FROM responses_known(CAST($as_of AS TIMESTAMP))
  WHERE customer_id = $customer
),
-- One row is a ticket; its value is the hours to the first reply.
asked AS (
  SELECT
    'tickets' AS source, CASE WHEN resolved_at IS NULL THEN 'open' ELSE 'resolved' END AS name,
    CASE WHEN resolved_at IS NULL THEN 'open ticket' ELSE 'ticket' END AS what, opened_at AS dated_at, order_id, ticket_id,
    CAST(NULL AS TIMESTAMP) AS promised_at, CAST(NULL AS TIMESTAMP) AS delivered_at,
    CAST(date_diff('second', opened_at, first_replied_at) AS DOUBLE) / 3600 AS value, load_id, source_line, ticket_id AS tie
  FROM tickets_known(CAST($as_of AS TIMESTAMP))
  WHERE customer_id = $customer AND opened_at >= CAST($from AS TIMESTAMP)
),
-- One row is an event.
seen AS (
  SELECT
    'events' AS source, name, name AS what, occurred_at AS dated_at, CAST(NULL AS VARCHAR) AS order_id,
    CAST(NULL AS VARCHAR) AS ticket_id, CAST(NULL AS TIMESTAMP) AS promised_at, CAST(NULL AS TIMESTAMP) AS delivered_at,
    value, load_id, source_line, event_id AS tie
  FROM events_known(CAST($as_of AS TIMESTAMP))
  WHERE customer_id = $customer AND occurred_at >= CAST($from AS TIMESTAMP)
),
-- One row is an incident of a pain point, with its order's dates; its value is the severity.
suffered AS (
  SELECT
    'incidents' AS source, i.painpoint AS name, i.painpoint AS what, i.occurred_at AS dated_at, i.order_id, i.ticket_id,
    o.promised_at, o.delivered_at, CAST(nullif(i.severity, 0) AS DOUBLE) AS value, i.load_id, i.source_line,
    concat_ws(' ', i.order_id, i.ticket_id) AS tie
  FROM incidents_known(CAST($as_of AS TIMESTAMP)) AS i
  LEFT JOIN orders_known(CAST($as_of AS TIMESTAMP)) AS o ON o.order_id = i.order_id
  WHERE i.customer_id = $customer AND i.occurred_at >= CAST($from AS TIMESTAMP)
),
-- One row is a running contract; its value is the price.
running AS (
  SELECT
    'contracts' AS source, '' AS name, 'contract' AS what, started_at AS dated_at, CAST(NULL AS VARCHAR) AS order_id,
    CAST(NULL AS VARCHAR) AS ticket_id, CAST(NULL AS TIMESTAMP) AS promised_at, CAST(NULL AS TIMESTAMP) AS delivered_at,
    CAST(price AS DOUBLE) AS value, load_id, source_line, contract_id AS tie
  FROM contracts_known(CAST($as_of AS TIMESTAMP))
  WHERE customer_id = $customer AND is_running
),
-- One row is the customer's own row, dated by when it became known.
profile AS (
  SELECT
    'profile' AS source, '' AS name, 'profile' AS what, known_at AS dated_at, CAST(NULL AS VARCHAR) AS order_id,
    CAST(NULL AS VARCHAR) AS ticket_id, CAST(NULL AS TIMESTAMP) AS promised_at, CAST(NULL AS TIMESTAMP) AS delivered_at,
    CAST(NULL AS DOUBLE) AS value, load_id, source_line, customer_id AS tie
  FROM customers_known(CAST($as_of AS TIMESTAMP))
  WHERE customer_id = $customer
),
-- One row is any of them.
facts AS (
  SELECT * FROM placed
  UNION ALL
  SELECT * FROM answered
  UNION ALL
  SELECT * FROM asked
  UNION ALL
  SELECT * FROM seen
  UNION ALL
  SELECT * FROM suffered
  UNION ALL
  SELECT * FROM running
  UNION ALL
  SELECT * FROM profile
)
SELECT
  f.source,
  f.name,
  f.what,
  f.dated_at,
  f.order_id,
  f.ticket_id,
  f.promised_at,
  f.delivered_at,
  f.value,
  coalesce(l.source, '') AS file,
  f.source_line
FROM facts AS f
LEFT JOIN loads AS l ON l.load_id = f.load_id
ORDER BY f.dated_at DESC, f.source, f.tie, f.load_id, f.source_line
