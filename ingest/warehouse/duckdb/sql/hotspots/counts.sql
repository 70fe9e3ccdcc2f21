-- The counts behind hotspots: exposures decided in [from, as_of), as known at as_of, by cell. record says what a row is
-- and what its integers mean:
--
-- total     a week and class of a pain point: n, sum, squares, base, batch members, batch square, day square, bad
-- part      a cell in a week and class: n, sum, base, batch members, batch square, batch cross, day square, day cross
-- reach     a cell, whole: n, bad, customers, customers with a bad one, cents, cents of bad ones, customer square,
--           customer cross; without a dimension it is the pain point's whole
-- batch     a supplier's (cohort) week and class: n, sum, squares
-- day       a day (cohort) of a week and class: n, sum, squares
-- size      customers with n exposures: n, customers, sum, squares, squared sums
--
-- number is the sum of cubes of a total. Members, squares and crosses are those of clusters: with n_j of the part and
-- N_j of the whole in cluster j, sum n_j, sum n_j^2, sum n_j N_j. Cells with fewer exposures than least are left out.
WITH
-- One row is an exposure and what it came to.
exposed AS MATERIALIZED (
  SELECT *
  FROM outcomes_between(CAST($as_of AS TIMESTAMP), CAST($from AS TIMESTAMP))
),
-- One row is a pain point that was seen in the window.
seen AS (
  SELECT painpoint
  FROM exposed
  GROUP BY painpoint
  HAVING bool_or(is_bad)
),
-- One row is an exposure to such a pain point.
outcomes AS MATERIALIZED (
  SELECT *
  FROM exposed
  SEMI JOIN seen USING (painpoint)
),
-- One row is an order and what one of its lines was.
items AS MATERIALIZED (
  SELECT DISTINCT i.order_id, nullif(i.sku, '') AS sku, nullif(i.category, '') AS category, nullif(i.supplier, '') AS supplier
  FROM order_items_known(CAST($as_of AS TIMESTAMP)) AS i
  SEMI JOIN outcomes USING (order_id)
),
-- One row is an order and a value that one of its lines has.
order_values AS MATERIALIZED (
  SELECT DISTINCT order_id, dimension, cohort, supplier
  FROM (
    SELECT order_id, 'sku' AS dimension, sku AS cohort, supplier FROM items
    UNION ALL
    SELECT order_id, 'category', category, supplier FROM items
    UNION ALL
    SELECT order_id, 'supplier', supplier, supplier FROM items
  ) AS lines
  WHERE cohort IS NOT NULL
),
-- One row is an exposure and one of its values.
members AS MATERIALIZED (
  SELECT o.painpoint, v.dimension, v.cohort, o.week, o.class, o.day, o.customer_id, o.outcome, o.base, o.is_bad, o.cents
  FROM outcomes AS o
  JOIN (SELECT DISTINCT order_id, dimension, cohort FROM order_values) AS v ON v.order_id = o.order_id
  UNION ALL
  SELECT painpoint, 'channel', channel, week, class, day, customer_id, outcome, base, is_bad, cents
  FROM outcomes
  WHERE channel IS NOT NULL
  UNION ALL
  SELECT painpoint, 'region', region, week, class, day, customer_id, outcome, base, is_bad, cents
  FROM outcomes
  WHERE region IS NOT NULL
  UNION ALL
  SELECT painpoint, 'week', CAST(week AS VARCHAR), week, class, day, customer_id, outcome, base, is_bad, cents
  FROM outcomes
),
-- One row is a cell with enough exposures.
cells AS MATERIALIZED (
  SELECT painpoint, dimension, cohort
  FROM members
  GROUP BY painpoint, dimension, cohort
  HAVING count(*) >= CAST($least AS BIGINT)
),
-- One row is a cell and a supplier in a week and class: the exposures of the cell that are the supplier's.
cell_batches AS (
  SELECT painpoint, dimension, cohort, week, class, supplier, count(*) AS n
  FROM (
    SELECT o.painpoint, v.dimension, v.cohort, o.week, o.class, v.supplier
    FROM outcomes AS o
    JOIN order_values AS v ON v.order_id = o.order_id
    WHERE v.supplier IS NOT NULL
    UNION ALL
    SELECT o.painpoint, p.dimension, p.cohort, o.week, o.class, v.cohort
    FROM outcomes AS o
    JOIN order_values AS v ON v.order_id = o.order_id AND v.dimension = 'supplier'
    CROSS JOIN LATERAL (
      SELECT 'channel' AS dimension, o.channel AS cohort
      UNION ALL
      SELECT 'region', o.region
    ) AS p
    WHERE p.cohort IS NOT NULL
  ) AS supplied
  GROUP BY painpoint, dimension, cohort, week, class, supplier
),
-- One row is a supplier's week and class.
batches AS MATERIALIZED (
  SELECT
    o.painpoint, v.cohort AS supplier, o.week, o.class, count(*) AS n, sum(o.outcome) AS sum,
    sum(o.outcome * o.outcome) AS squares
  FROM outcomes AS o
  JOIN order_values AS v ON v.order_id = o.order_id AND v.dimension = 'supplier'
  GROUP BY o.painpoint, v.cohort, o.week, o.class
),
-- One row is a day of a week and class.
days AS MATERIALIZED (
  SELECT
    painpoint, week, class, day, count(*) AS n, sum(outcome) AS sum, sum(outcome * outcome) AS squares,
    sum(CAST(outcome AS HUGEINT) * outcome * outcome) AS cubes, count(*) FILTER (WHERE is_bad) AS bad,
    sum(base) AS base
  FROM outcomes
  GROUP BY painpoint, week, class, day
),
-- One row is a customer.
customers AS MATERIALIZED (
  SELECT
    painpoint, customer_id, count(*) AS n, count(*) FILTER (WHERE is_bad) AS bad, sum(outcome) AS sum,
    sum(outcome * outcome) AS squares, sum(cents) AS cents, sum(cents) FILTER (WHERE is_bad) AS bad_cents
  FROM outcomes
  GROUP BY painpoint, customer_id
),
-- One row is a cell's day.
cell_days AS (
  SELECT m.painpoint, m.dimension, m.cohort, m.week, m.class, m.day, count(*) AS n, sum(m.outcome) AS sum,
    sum(m.base) AS base
  FROM members AS m
  SEMI JOIN cells USING (painpoint, dimension, cohort)
  WHERE m.dimension <> 'week'
  GROUP BY m.painpoint, m.dimension, m.cohort, m.week, m.class, m.day
),
-- One row is a cell's week and class: its days.
cell_weeks AS (
  SELECT
    c.painpoint, c.dimension, c.cohort, c.week, c.class, sum(c.n) AS n, sum(c.sum) AS sum, sum(c.base) AS base,
    sum(c.n * c.n) AS square, sum(c.n * d.n) AS crossed
  FROM cell_days AS c
  JOIN days AS d ON d.painpoint = c.painpoint AND d.week = c.week AND d.class = c.class AND d.day = c.day
  GROUP BY c.painpoint, c.dimension, c.cohort, c.week, c.class
),
-- One row is a cell's week and class: its suppliers.
cell_suppliers AS (
  SELECT
    c.painpoint, c.dimension, c.cohort, c.week, c.class, sum(c.n) AS members, sum(c.n * c.n) AS square,
    sum(c.n * b.n) AS crossed
  FROM cell_batches AS c
  JOIN batches AS b
    ON b.painpoint = c.painpoint AND b.week = c.week AND b.class = c.class AND b.supplier = c.supplier
  GROUP BY c.painpoint, c.dimension, c.cohort, c.week, c.class
),
-- One row is a cell's customer.
cell_customers AS (
  SELECT
    m.painpoint, m.dimension, m.cohort, m.customer_id, count(*) AS n, count(*) FILTER (WHERE m.is_bad) AS bad,
    sum(m.cents) AS cents, sum(m.cents) FILTER (WHERE m.is_bad) AS bad_cents
  FROM members AS m
  SEMI JOIN cells USING (painpoint, dimension, cohort)
  GROUP BY m.painpoint, m.dimension, m.cohort, m.customer_id
),
-- One row is a week and class of a pain point: its suppliers.
supplied AS (
  SELECT painpoint, week, class, sum(n) AS members, sum(n * n) AS square
  FROM batches
  GROUP BY painpoint, week, class
),
-- One row is a week and class of a pain point: its days.
weeks AS (
  SELECT
    painpoint, week, class, sum(n) AS n, sum(sum) AS sum, sum(squares) AS squares, sum(cubes) AS cubes, sum(n * n) AS square,
    sum(bad) AS bad, sum(base) AS base
  FROM days
  GROUP BY painpoint, week, class
),
-- One row is a record.
records AS (
  SELECT
    'total' AS record, w.painpoint, '' AS dimension, '' AS cohort, w.week, w.class,
    w.n AS a, w.sum AS b, w.squares AS c, w.base AS d, coalesce(s.members, 0) AS e, coalesce(s.square, 0) AS f, w.square AS g,
    w.bad AS h, CAST(w.cubes AS DOUBLE) AS number
  FROM weeks AS w
  LEFT JOIN supplied AS s ON s.painpoint = w.painpoint AND s.week = w.week AND s.class = w.class
  UNION ALL
  SELECT
    'part', w.painpoint, w.dimension, w.cohort, w.week, w.class,
    w.n, w.sum, w.base, coalesce(s.members, 0), coalesce(s.square, 0), coalesce(s.crossed, 0), w.square, w.crossed, 0
  FROM cell_weeks AS w
  LEFT JOIN cell_suppliers AS s
    ON s.painpoint = w.painpoint AND s.dimension = w.dimension AND s.cohort = w.cohort AND s.week = w.week
    AND s.class = w.class
  UNION ALL
  SELECT
    'reach', c.painpoint, c.dimension, c.cohort, DATE '1970-01-01', '',
    sum(c.n), sum(c.bad), count(*), count(*) FILTER (WHERE c.bad > 0), coalesce(sum(c.cents), 0),
    coalesce(sum(c.bad_cents), 0), sum(c.n * c.n), sum(c.n * a.n), 0
  FROM cell_customers AS c
  JOIN customers AS a ON a.painpoint = c.painpoint AND a.customer_id = c.customer_id
  GROUP BY c.painpoint, c.dimension, c.cohort
  UNION ALL
  SELECT
    'reach', painpoint, '', '', DATE '1970-01-01', '',
    sum(n), sum(bad), count(*), count(*) FILTER (WHERE bad > 0), coalesce(sum(cents), 0), coalesce(sum(bad_cents), 0),
    sum(n * n), sum(n * n), 0
  FROM customers
  GROUP BY painpoint
  UNION ALL
  SELECT 'batch', painpoint, '', supplier, week, class, n, sum, squares, 0, 0, 0, 0, 0, 0
  FROM batches
  UNION ALL
  SELECT 'day', painpoint, '', CAST(day AS VARCHAR), week, class, n, sum, squares, 0, 0, 0, 0, 0, 0
  FROM days
  UNION ALL
  SELECT
    'size', painpoint, '', '', DATE '1970-01-01', '', n, count(*), sum(sum), sum(squares), sum(sum * sum), 0, 0, 0, 0
  FROM customers
  GROUP BY painpoint, n
)
SELECT
  record,
  painpoint,
  dimension,
  cohort,
  CAST(week AS VARCHAR) AS week,
  class,
  CAST(a AS BIGINT) AS a,
  CAST(b AS BIGINT) AS b,
  CAST(c AS BIGINT) AS c,
  CAST(d AS BIGINT) AS d,
  CAST(e AS BIGINT) AS e,
  CAST(f AS BIGINT) AS f,
  CAST(g AS BIGINT) AS g,
  CAST(h AS BIGINT) AS h,
  number
FROM records
ORDER BY painpoint, record, dimension, cohort, week, class, a
