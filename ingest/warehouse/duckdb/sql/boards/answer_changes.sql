-- One row per pair of a customer's answers to the net promoter question, one after the other, ordered by customer and
-- instant: his orders in the window before the second answer and in the one from it on, and the shop's. Pairs count whose
-- window from the second answer on has passed, of customers who ordered before both windows. The shop's movement is that
-- around the Monday of the answer's week.
WITH
-- One row is an order that counts.
counted AS MATERIALIZED (
  SELECT customer_id, ordered_at
  FROM orders_known(CAST($as_of AS TIMESTAMP))
  WHERE NOT is_void
),
-- One row is a customer with his first order.
firsts AS MATERIALIZED (
  SELECT customer_id, min(ordered_at) AS first_at
  FROM counted
  GROUP BY customer_id
),
-- One row is an answer with the one before it.
pairs AS (
  SELECT
    customer_id,
    response_id,
    answered_at,
    score,
    lag(score) OVER one AS score_before
  FROM responses_known(CAST($as_of AS TIMESTAMP))
  WHERE kind = 'nps'
  WINDOW one AS (PARTITION BY customer_id ORDER BY answered_at, response_id)
),
-- One row is a pair that can be judged.
judged AS MATERIALIZED (
  SELECT
    pairs.*,
    CAST(date_trunc('week', pairs.answered_at) AS TIMESTAMP) AS week
  FROM pairs
  JOIN firsts ON firsts.customer_id = pairs.customer_id
  WHERE pairs.score_before IS NOT NULL
    AND pairs.answered_at + $window_days * INTERVAL 1 DAY <= CAST($as_of AS TIMESTAMP)
    AND firsts.first_at < pairs.answered_at - $window_days * INTERVAL 1 DAY
),
-- One row is a pair with the customer's orders around it.
own AS (
  SELECT
    judged.customer_id,
    judged.response_id,
    count(*) FILTER (WHERE counted.ordered_at < judged.answered_at) AS orders_before,
    count(*) FILTER (WHERE counted.ordered_at >= judged.answered_at) AS orders_after
  FROM judged
  JOIN counted
    ON counted.customer_id = judged.customer_id
    AND counted.ordered_at >= judged.answered_at - $window_days * INTERVAL 1 DAY
    AND counted.ordered_at < judged.answered_at + $window_days * INTERVAL 1 DAY
  GROUP BY judged.customer_id, judged.response_id
),
-- One row is a week in which somebody answered again.
weeks AS (
  SELECT DISTINCT week
  FROM judged
),
-- One row is a day on which customers ordered whose first order was on a day: many orders, few rows.
daily AS (
  SELECT
    CAST(counted.ordered_at AS DATE) AS day,
    CAST(firsts.first_at AS DATE) AS first_day,
    count(*) AS orders
  FROM counted
  JOIN firsts ON firsts.customer_id = counted.customer_id
  GROUP BY day, first_day
),
-- One row is a week with the orders around it of who was a customer before.
shop AS (
  SELECT
    weeks.week,
    CAST(sum(daily.orders) FILTER (WHERE daily.day < weeks.week) AS BIGINT) AS shop_before,
    CAST(sum(daily.orders) FILTER (WHERE daily.day >= weeks.week) AS BIGINT) AS shop_after
  FROM weeks
  JOIN daily
    ON daily.day >= weeks.week - $window_days * INTERVAL 1 DAY
    AND daily.day < weeks.week + $window_days * INTERVAL 1 DAY
    AND daily.first_day < weeks.week - $window_days * INTERVAL 1 DAY
  GROUP BY weeks.week
)
SELECT
  judged.customer_id,
  judged.answered_at,
  CAST(judged.score_before AS DOUBLE) AS score_before,
  CAST(judged.score AS DOUBLE) AS score,
  coalesce(own.orders_before, 0) AS orders_before,
  coalesce(own.orders_after, 0) AS orders_after,
  coalesce(shop.shop_before, 0) AS shop_before,
  coalesce(shop.shop_after, 0) AS shop_after
FROM judged
LEFT JOIN own
  ON own.customer_id = judged.customer_id
  AND own.response_id = judged.response_id
LEFT JOIN shop ON shop.week = judged.week
ORDER BY judged.customer_id, judged.answered_at, judged.response_id
