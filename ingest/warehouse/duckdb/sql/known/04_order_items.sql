-- order_items_known(t): one row is a line of an order as known at t. A line is known with its order, so it carries the
-- order's customer and time, and whether the order is void.
CREATE OR REPLACE MACRO order_items_known(t) AS TABLE
WITH
-- One row is a line with more than one stored version.
revised AS (
  SELECT DISTINCT order_id, line
  FROM order_items
  WHERE revision > 0
),
-- One row is a version that a newer one has replaced.
replaced AS (
  SELECT rowid AS version
  FROM order_items
  SEMI JOIN revised USING (order_id, line)
  WHERE known_at < t
  QUALIFY row_number() OVER (PARTITION BY order_id, line ORDER BY known_at DESC, tie DESC, row_hash DESC) > 1
),
-- One row is the newest version of a line.
newest AS (
  SELECT *
  FROM order_items
  ANTI JOIN replaced ON replaced.version = order_items.rowid
  WHERE known_at < t
)
SELECT
  i.order_id,
  i.line,
  o.customer_id,
  o.ordered_at,
  o.is_void,
  i.sku,
  i.category,
  i.supplier,
  i.quantity,
  i.unit_price,
  i.known_at,
  i.load_id,
  i.source_line
FROM newest AS i
JOIN orders_known(t) AS o USING (order_id);
