-- One row per pair of cells of one pain point that share exposures decided in [from, as_of), as known at as_of: the
-- positions, from 1, in the list of cells asked for, and the exposures in both. A cell with itself is a pair.
WITH
-- One row is a cell asked for.
cells AS (
  SELECT
    unnest(CAST($painpoints AS VARCHAR[])) AS painpoint,
    unnest(CAST($dimensions AS VARCHAR[])) AS dimension,
    unnest(CAST($cohorts AS VARCHAR[])) AS cohort,
    unnest(range(1, len(CAST($cohorts AS VARCHAR[])) + 1)) AS position
),
-- One row is an exposure.
outcomes AS MATERIALIZED (
  SELECT painpoint, unit, order_id, channel, region, week
  FROM outcomes_between(CAST($as_of AS TIMESTAMP), CAST($from AS TIMESTAMP))
  WHERE painpoint IN (SELECT painpoint FROM cells)
),
-- One row is a line of an order.
items AS MATERIALIZED (
  SELECT i.order_id, i.sku, i.category, i.supplier
  FROM order_items_known(CAST($as_of AS TIMESTAMP)) AS i
  SEMI JOIN outcomes USING (order_id)
),
-- One row is an order and a value that one of its lines has.
order_values AS (
  SELECT order_id, 'sku' AS dimension, sku AS cohort FROM items
  UNION
  SELECT order_id, 'category', category FROM items
  UNION
  SELECT order_id, 'supplier', supplier FROM items
),
-- One row is an exposure in a cell.
members AS MATERIALIZED (
  SELECT o.painpoint, o.unit, c.position
  FROM outcomes AS o
  JOIN order_values AS v ON v.order_id = o.order_id
  JOIN cells AS c ON c.painpoint = o.painpoint AND c.dimension = v.dimension AND c.cohort = v.cohort
  UNION ALL
  SELECT o.painpoint, o.unit, c.position
  FROM outcomes AS o
  JOIN cells AS c
    ON c.painpoint = o.painpoint
    AND c.cohort = CASE c.dimension
      WHEN 'channel' THEN o.channel
      WHEN 'region' THEN o.region
      WHEN 'week' THEN CAST(o.week AS VARCHAR)
    END
)
SELECT a.position AS one, b.position AS other, count(*) AS shared
FROM members AS a
JOIN members AS b ON b.painpoint = a.painpoint AND b.unit = a.unit
GROUP BY a.position, b.position
ORDER BY a.position, b.position
