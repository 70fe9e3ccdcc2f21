-- One row is a customer with an incident among the exposures of a cell, decided in [from, as_of) and known at as_of, by
-- the place of the cell, from 1, in the list of those asked for.
WITH
-- One row is a cell asked for.
cells AS (
  SELECT
    unnest(CAST($painpoints AS VARCHAR[])) AS painpoint,
    unnest(CAST($dimensions AS VARCHAR[])) AS dimension,
    unnest(CAST($cohorts AS VARCHAR[])) AS cohort,
    unnest(range(1, len(CAST($cohorts AS VARCHAR[])) + 1)) AS position
),
-- One row is an incident.
outcomes AS MATERIALIZED (
  SELECT painpoint, customer_id, order_id, channel, region, week
  FROM outcomes_between(CAST($as_of AS TIMESTAMP), CAST($from AS TIMESTAMP))
  WHERE is_bad AND painpoint IN (SELECT painpoint FROM cells)
),
-- One row is a line of an order.
items AS MATERIALIZED (
  SELECT i.order_id, i.sku, i.category, i.supplier
  FROM order_items_known(CAST($as_of AS TIMESTAMP)) AS i
  SEMI JOIN outcomes USING (order_id)
)
SELECT DISTINCT cells.position, o.customer_id
FROM outcomes AS o
JOIN cells
  ON cells.painpoint = o.painpoint
  AND cells.cohort = CASE cells.dimension
    WHEN 'channel' THEN o.channel
    WHEN 'region' THEN o.region
    WHEN 'week' THEN CAST(o.week AS VARCHAR)
  END
UNION
SELECT cells.position, o.customer_id
FROM outcomes AS o
JOIN items ON items.order_id = o.order_id
JOIN cells
  ON cells.painpoint = o.painpoint
  AND cells.cohort = CASE cells.dimension
    WHEN 'sku' THEN items.sku
    WHEN 'category' THEN items.category
    WHEN 'supplier' THEN items.supplier
  END
ORDER BY position, customer_id
