-- One row per complaint theme of [from, as_of) as known at as_of, by name: answers and tickets that complain of it, those
-- of the highest severity, and all answers and tickets with a remark; the theme '' stands for these alone.
WITH
-- One row is the number of answers and tickets with a remark.
spoken AS (
  SELECT count(DISTINCT (kind, id)) AS comments
  FROM remarks_known(CAST($as_of AS TIMESTAMP))
  WHERE said_at >= CAST($from AS TIMESTAMP)
),
-- One row is a theme.
themes AS (
  SELECT
    theme,
    count(*) AS complaints,
    count(*) FILTER (WHERE severity = 3) AS severe
  FROM complaints_known(CAST($as_of AS TIMESTAMP))
  WHERE said_at >= CAST($from AS TIMESTAMP)
  GROUP BY theme
)
SELECT '' AS theme, 0 AS complaints, 0 AS severe, spoken.comments
FROM spoken
UNION ALL
SELECT themes.theme, themes.complaints, themes.severe, spoken.comments
FROM themes
CROSS JOIN spoken
ORDER BY theme
