-- One row is a check of values: how many were looked at and how many are odd, as known at an instant.
-- Amounts are odd beyond 8 robust standard deviations (1.4826 times the median absolute deviation) of their logarithm.
WITH
-- One row is an order.
placed AS (
  SELECT *, ln(CAST(amount AS DOUBLE)) AS size
  FROM orders_known(CAST($as_of AS TIMESTAMP))
  WHERE amount > 0
),
-- One row: the middle of the orders' logarithms, and how far they usually lie from it.
middle AS (
  SELECT any_value(centre) AS centre, 1.4826 * median(abs(size - centre)) AS spread
  FROM placed
  CROSS JOIN (SELECT median(size) AS centre FROM placed)
),
-- One row is an order with the dates that must follow on each other.
dated AS (
  SELECT ordered_at, promise_ends_at, delivered_at, returned_at, recorded_at
  FROM orders
  WHERE known_at < CAST($as_of AS TIMESTAMP) AND ordered_at < CAST($as_of AS TIMESTAMP)
),
-- One row is a currency that orders say they are in.
currencies AS (
  SELECT upper(trim(currency)) AS code, count(*) AS orders
  FROM orders_known(CAST($as_of AS TIMESTAMP))
  WHERE NOT is_void AND currency IS NOT NULL
  GROUP BY code
),
-- One row is a kind of answer and a score with its number.
piles AS (
  SELECT kind, score, count(*) AS answers
  FROM responses_known(CAST($as_of AS TIMESTAMP))
  GROUP BY kind, score
),
-- One row is a check.
checks AS (
  SELECT 'far_amount' AS name, 'orders' AS kind, '' AS subject, count(*) AS total,
    count(*) FILTER (WHERE abs(size - centre) > 8 * greatest(spread, 0.05)) AS odd
  FROM placed
  CROSS JOIN middle
  UNION ALL
  SELECT 'zero_amount', 'orders', '', count(*), count(*) FILTER (WHERE amount = 0)
  FROM orders_known(CAST($as_of AS TIMESTAMP))
  WHERE NOT is_void
  UNION ALL
  SELECT 'mixed_currency', 'orders', '', CAST(coalesce(sum(orders), 0) AS BIGINT), CAST(coalesce(sum(orders) - max(orders), 0) AS BIGINT)
  FROM currencies
  UNION ALL
  SELECT 'delivered_before_ordered', 'orders', '', count(delivered_at), count(*) FILTER (WHERE delivered_at < ordered_at)
  FROM dated
  WHERE delivered_at < CAST($as_of AS TIMESTAMP)
  UNION ALL
  SELECT 'promised_before_ordered', 'orders', '', count(promise_ends_at), count(*) FILTER (WHERE promise_ends_at < ordered_at)
  FROM dated
  UNION ALL
  SELECT 'dated_after_arrival', 'orders', '', count(*), count(*) FILTER (WHERE ordered_at > recorded_at + INTERVAL 2 DAY)
  FROM dated
  UNION ALL
  SELECT 'known_before_it_happened', 'orders', '', count(*), count(*) FILTER (WHERE known_at < ordered_at - INTERVAL 1 DAY)
  FROM orders_known(CAST($as_of AS TIMESTAMP))
  UNION ALL
  SELECT 'known_before_it_happened', 'responses', '', count(*), count(*) FILTER (WHERE known_at < answered_at - INTERVAL 1 DAY)
  FROM responses_known(CAST($as_of AS TIMESTAMP))
  UNION ALL
  SELECT 'known_before_it_happened', 'tickets', '', count(*), count(*) FILTER (WHERE known_at < opened_at - INTERVAL 1 DAY)
  FROM tickets_known(CAST($as_of AS TIMESTAMP))
  UNION ALL
  SELECT 'piled_score', 'responses', kind, CAST(sum(answers) AS BIGINT), CAST(max(answers) AS BIGINT)
  FROM piles
  GROUP BY kind
)
SELECT name, kind, subject, total, odd
FROM checks
WHERE total > 0
ORDER BY name, kind, subject;
