-- One row per owner of triggers, '' for nobody, by name: what was done in a period, and what was open at its end.
WITH
-- One row is a trigger with what was known of it at the period's end.
became AS (
  SELECT
    l.trigger_id,
    arg_max(l.status, l.sequence) AS status,
    max(l.lived_at) FILTER (WHERE l.status = 'done') AS done_at,
    coalesce(arg_max(l.owner, l.sequence) FILTER (WHERE l.owner <> ''), any_value(t.owner)) AS owner,
    CAST(CAST(json_extract_string(arg_max(l.opening, l.sequence) FILTER (WHERE l.opening IS NOT NULL), '$.due_at') AS TIMESTAMPTZ) AT TIME ZONE 'UTC' AS TIMESTAMP) AS due_at
  FROM trigger_lives AS l
  JOIN triggers AS t ON t.trigger_id = l.trigger_id
  WHERE l.lived_at < CAST($as_of AS TIMESTAMP)
  GROUP BY l.trigger_id
)
SELECT
  owner,
  count(*) FILTER (WHERE status = 'done' AND done_at >= CAST($from AS TIMESTAMP)) AS done,
  count(*) FILTER (WHERE status IN ('open', 'acknowledged', 'escalated')) AS still_open,
  count(*) FILTER (WHERE status IN ('open', 'acknowledged', 'escalated') AND due_at < CAST($as_of AS TIMESTAMP)) AS overdue
FROM became
GROUP BY owner
HAVING done + still_open > 0
ORDER BY owner
