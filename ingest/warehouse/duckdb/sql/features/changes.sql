-- One row per fact about a customer that came between two instants, newest first: what happened between them, as known
-- at the second; and versions that became known between them about the time before the first, without news of their own.
WITH
-- One row is a version of one of the customer's rows that was known at the second instant, with its dates.
versions AS (
  SELECT
    'order' AS what, ordered_at AS happened_at, order_id, CAST(NULL AS VARCHAR) AS ticket_id, CAST(amount AS DOUBLE) AS value,
    [
      struct_pack(name := 'delivered', happened_at := delivered_at), struct_pack(name := 'cancelled', happened_at := cancelled_at),
      struct_pack(name := 'returned', happened_at := returned_at)
    ] AS dates,
    order_id AS key, known_at, tie, row_hash, load_id, source_line
  FROM orders
  WHERE customer_id = $customer AND known_at < CAST($until AS TIMESTAMP)
  UNION ALL
  SELECT
    'ticket', opened_at, order_id, ticket_id, NULL,
    [
      struct_pack(name := 'replied', happened_at := first_replied_at), struct_pack(name := 'resolved', happened_at := resolved_at)
    ],
    ticket_id, known_at, tie, row_hash, load_id, source_line
  FROM tickets
  WHERE customer_id = $customer AND known_at < CAST($until AS TIMESTAMP)
  UNION ALL
  SELECT
    'contract', started_at, NULL, NULL, CAST(price AS DOUBLE),
    [
      struct_pack(name := 'notice', happened_at := cancelled_at), struct_pack(name := 'ended', happened_at := ends_at)
    ],
    contract_id, known_at, tie, row_hash, load_id, source_line
  FROM contracts
  WHERE customer_id = $customer AND known_at < CAST($until AS TIMESTAMP)
  UNION ALL
  SELECT 'answer ' || kind, answered_at, order_id, ticket_id, score, [], response_id, known_at, tie, row_hash, load_id, source_line
  FROM responses
  WHERE customer_id = $customer AND known_at < CAST($until AS TIMESTAMP)
  UNION ALL
  SELECT name, occurred_at, NULL, NULL, value, [], event_id, known_at, tie, row_hash, load_id, source_line
  FROM events
  WHERE customer_id = $customer AND known_at < CAST($until AS TIMESTAMP)
  UNION ALL
  SELECT
    'message ' || kind, sent_at, NULL, NULL, NULL,
    [
      struct_pack(name := 'opened', happened_at := opened_at), struct_pack(name := 'clicked', happened_at := clicked_at),
      struct_pack(name := 'replied', happened_at := replied_at), struct_pack(name := 'converted', happened_at := converted_at),
      struct_pack(name := 'resolved', happened_at := resolved_at)
    ],
    outreach_id, known_at, tie, row_hash, load_id, source_line
  FROM outreach
  WHERE customer_id = $customer AND known_at < CAST($until AS TIMESTAMP)
  UNION ALL
  SELECT 'profile', signed_up_at, NULL, NULL, NULL, [], customer_id, known_at, tie, row_hash, load_id, source_line
  FROM customers
  WHERE customer_id = $customer AND known_at < CAST($until AS TIMESTAMP)
),
-- One row is a version, its number among those of its row, and whether it is the newest.
numbered AS (
  SELECT
    *,
    row_number() OVER (PARTITION BY split_part(what, ' ', 1), key ORDER BY known_at, tie, row_hash) AS number,
    row_number() OVER (PARTITION BY split_part(what, ' ', 1), key ORDER BY known_at DESC, tie DESC, row_hash DESC) = 1 AS is_newest,
    [d FOR d IN dates IF d.happened_at >= CAST($since AS TIMESTAMP) AND d.happened_at < CAST($until AS TIMESTAMP)] AS news
  FROM versions
),
-- One row is a fact that came between.
facts AS (
  SELECT
    false AS is_correction, what, happened_at, order_id, ticket_id, value, known_at, load_id, source_line
  FROM numbered
  WHERE is_newest AND happened_at >= CAST($since AS TIMESTAMP) AND happened_at < CAST($until AS TIMESTAMP)
  UNION ALL
  SELECT false, what || ' ' || d.name, d.happened_at, order_id, ticket_id, NULL, known_at, load_id, source_line
  FROM (SELECT *, unnest(news) AS d FROM numbered WHERE is_newest)
  UNION ALL
  SELECT
    true, CASE WHEN number > 1 THEN what || ' changed' ELSE what || ' learnt late' END,
    coalesce(happened_at, known_at), order_id, ticket_id, value, known_at, load_id, source_line
  FROM numbered
  WHERE known_at >= CAST($since AS TIMESTAMP)
    AND coalesce(happened_at < CAST($since AS TIMESTAMP), true)
    AND len(news) = 0
)
SELECT
  f.is_correction,
  f.what,
  f.happened_at,
  f.order_id,
  f.ticket_id,
  f.value,
  f.known_at,
  coalesce(l.source, '') AS file,
  f.source_line
FROM facts AS f
LEFT JOIN loads AS l ON l.load_id = f.load_id
ORDER BY f.happened_at DESC, f.what, f.known_at, f.load_id, f.source_line
