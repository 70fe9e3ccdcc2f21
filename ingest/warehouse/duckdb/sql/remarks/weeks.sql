-- One row is a complaint theme in a week that begins on a Monday, newest week first, most complaints first. comments are
-- all remarks' answers and tickets of the week; before_* are of the four weeks before.
WITH
-- One row is an answer or ticket with a remark, and its week.
spoken AS (
  SELECT DISTINCT kind, id, date_trunc('week', said_at) AS week
  FROM remarks_known(CAST($as_of AS TIMESTAMP))
  WHERE said_at >= CAST($since AS TIMESTAMP)
),
-- One row is a week.
totals AS (
  SELECT week, count(*) AS comments
  FROM spoken
  GROUP BY week
),
-- One row is a complaint, and its week.
complaints AS (
  SELECT *, date_trunc('week', said_at) AS week
  FROM complaints_known(CAST($as_of AS TIMESTAMP))
  WHERE said_at >= CAST($since AS TIMESTAMP)
),
-- One row is a theme and a week in which somebody complained of it.
weekly AS (
  SELECT
    theme,
    week,
    count(*) AS complaints,
    count(DISTINCT customer_id) AS customers,
    count(*) FILTER (WHERE severity = 3) AS severe,
    CAST(sum(severity) AS DOUBLE) / count(*) AS severity,
    CAST(sum(CAST(sentiment AS DECIMAL(9, 4))) AS DOUBLE) / nullif(count(sentiment), 0) AS sentiment,
    list(kind || ':' || id ORDER BY severity DESC, said_at DESC, id)[1:3] AS examples
  FROM complaints
  GROUP BY theme, week
),
-- One row is a customer who complained of a theme in a week.
touched AS (
  SELECT DISTINCT theme, week, customer_id
  FROM complaints
  WHERE week >= CAST($from AS TIMESTAMP)
),
-- One row is a theme and a week with what its customers bought in the 90 days before the week's end.
spent AS (
  SELECT
    touched.theme,
    touched.week,
    CAST(sum(o.amount) AS DOUBLE) AS revenue
  FROM touched
  JOIN orders_known(CAST($as_of AS TIMESTAMP)) AS o
    ON o.customer_id = touched.customer_id
    AND o.ordered_at >= touched.week + INTERVAL 7 DAY - INTERVAL 90 DAY
    AND o.ordered_at < touched.week + INTERVAL 7 DAY
  WHERE NOT o.is_void
  GROUP BY touched.theme, touched.week
)
SELECT
  w.theme,
  CAST(w.week AS TIMESTAMP) AS week,
  w.complaints,
  w.customers,
  w.severe,
  t.comments,
  CAST(coalesce((
    SELECT sum(p.complaints)
    FROM weekly AS p
    WHERE p.theme = w.theme AND p.week < w.week AND p.week >= w.week - INTERVAL 28 DAY
  ), 0) AS BIGINT) AS before_complaints,
  CAST(coalesce((
    SELECT sum(p.comments)
    FROM totals AS p
    WHERE p.week < w.week AND p.week >= w.week - INTERVAL 28 DAY
  ), 0) AS BIGINT) AS before_comments,
  w.severity,
  coalesce(spent.revenue, 0) AS revenue,
  w.sentiment,
  CAST(to_json(w.examples) AS VARCHAR) AS examples
FROM weekly AS w
JOIN totals AS t ON t.week = w.week
LEFT JOIN spent ON spent.theme = w.theme AND spent.week = w.week
WHERE w.week >= CAST($from AS TIMESTAMP)
ORDER BY w.week DESC, w.complaints DESC, w.theme
