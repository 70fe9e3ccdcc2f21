-- One row per playbook with triggers in a period, by name, as known at its end.
WITH
-- One row is a change that was known.
lives AS MATERIALIZED (
  SELECT trigger_id, sequence, status, lived_at, opening
  FROM trigger_lives
  WHERE lived_at < CAST($as_of AS TIMESTAMP)
),
-- One row is a trigger with what became of it.
became AS (
  SELECT
    trigger_id,
    arg_max(status, sequence) AS status,
    min(lived_at) FILTER (WHERE opening IS NOT NULL) AS opened_at,
    CAST(CAST(json_extract_string(arg_max(opening, sequence) FILTER (WHERE opening IS NOT NULL), '$.due_at') AS TIMESTAMPTZ) AT TIME ZONE 'UTC' AS TIMESTAMP) AS due_at,
    min(lived_at) FILTER (WHERE status = 'done') AS done_at,
    min(lived_at) FILTER (WHERE status = 'suppressed') AS suppressed_at,
    count(*) FILTER (WHERE status = 'escalated') > 0 AS was_escalated
  FROM lives
  GROUP BY trigger_id
),
-- One row is a trigger with when the first message because of it was sent: what was reported late was not late.
sent AS (
  SELECT trigger_id, min(sent_at) AS sent_at
  FROM outreach_known(CAST($as_of AS TIMESTAMP))
  WHERE trigger_id IS NOT NULL
  GROUP BY trigger_id
),
-- One row is a trigger that became something, with when it was done.
served AS (
  SELECT became.* REPLACE (least(became.done_at, sent.sent_at) AS done_at)
  FROM became
  LEFT JOIN sent ON sent.trigger_id = became.trigger_id
)
SELECT
  t.playbook,
  count(*) FILTER (WHERE b.opened_at >= CAST($from AS TIMESTAMP)) AS opened,
  count(*) FILTER (WHERE b.opened_at >= CAST($from AS TIMESTAMP) AND b.status = 'done') AS done,
  count(*) FILTER (WHERE b.opened_at >= CAST($from AS TIMESTAMP) AND b.status = 'done' AND b.done_at <= b.due_at) AS in_time,
  count(*) FILTER (
    WHERE b.opened_at >= CAST($from AS TIMESTAMP)
      AND (
        (b.status = 'done' AND b.done_at > b.due_at)
        OR (b.status IN ('open', 'acknowledged', 'escalated', 'expired') AND b.due_at < CAST($as_of AS TIMESTAMP))
      )
  ) AS late,
  count(*) FILTER (WHERE b.opened_at >= CAST($from AS TIMESTAMP) AND b.was_escalated) AS escalated,
  count(*) FILTER (WHERE b.opened_at >= CAST($from AS TIMESTAMP) AND b.status = 'expired') AS expired,
  count(*) FILTER (WHERE b.opened_at >= CAST($from AS TIMESTAMP) AND b.status IN ('open', 'acknowledged', 'escalated')) AS still_open,
  count(*) FILTER (WHERE b.status = 'suppressed' AND b.suppressed_at >= CAST($from AS TIMESTAMP)) AS suppressed
FROM served AS b
JOIN triggers AS t ON t.trigger_id = b.trigger_id
GROUP BY t.playbook
HAVING opened > 0 OR suppressed > 0
ORDER BY t.playbook
