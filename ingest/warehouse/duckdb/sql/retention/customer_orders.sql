-- One row is an order since $since, with when it and its delivery were first known, and its articles: each with the
-- microsecond of the epoch in which it was first known.
WITH
told AS (
  SELECT
    customer_id,
    order_id,
    min(ordered_at) AS ordered_at,
    min(greatest(ordered_at, known_at)) AS visible_at,
    min(greatest(delivered_at, known_at)) FILTER (WHERE greatest(delivered_at, known_at) < $until AND delivered_at IS NOT NULL) AS delivered_at
  FROM orders
  WHERE customer_id IN (SELECT unnest($customers)) AND ordered_at >= $since AND ordered_at < $until AND known_at < $until
  GROUP BY customer_id, order_id
),
listed AS (
  SELECT order_id, sku, min(known_at) AS known_at
  FROM order_items
  WHERE order_id IN (SELECT order_id FROM told) AND known_at < $until AND sku IS NOT NULL
  GROUP BY order_id, sku
),
articles AS (
  SELECT order_id, string_agg(sku || chr(30) || epoch_us(known_at), chr(31) ORDER BY sku) AS skus
  FROM listed
  GROUP BY order_id
)
SELECT told.customer_id, told.order_id, told.ordered_at, told.visible_at, told.delivered_at, coalesce(articles.skus, '') AS skus
FROM told
LEFT JOIN articles ON articles.order_id = told.order_id
WHERE told.visible_at < $until
ORDER BY told.customer_id, told.ordered_at, told.order_id
