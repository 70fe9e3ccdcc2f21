-- One row is a playbook, an urgency and a status: the triggers that ever had the status, those that have it now, those of
-- them that are overdue at $now, and of those done the seconds from opening to done, added up: to when the message was
-- sent, where that is known.
WITH
-- One row is a trigger and a status that it had, with when it first did.
had AS (
  SELECT trigger_id, status, min(lived_at) AS since
  FROM trigger_lives
  GROUP BY trigger_id, status
),
-- One row is a trigger with its newest status, and its opening.
newest AS (
  SELECT
    trigger_id,
    arg_max(status, sequence) AS status,
    arg_max(lived_at, sequence) FILTER (WHERE opening IS NOT NULL) AS opened_at,
    CAST(CAST(json_extract_string(arg_max(opening, sequence) FILTER (WHERE opening IS NOT NULL), '$.due_at') AS TIMESTAMPTZ) AT TIME ZONE 'UTC' AS TIMESTAMP) AS due_at
  FROM trigger_lives
  GROUP BY trigger_id
),
-- One row is a trigger with when the first message because of it was sent.
sent AS (
  SELECT trigger_id, min(sent_at) AS sent_at
  FROM outreach
  WHERE trigger_id IS NOT NULL AND sent_at <= $now AND known_at <= $now
  GROUP BY trigger_id
)
SELECT
  t.playbook,
  t.urgency,
  had.status,
  count(*) AS ever,
  count(*) FILTER (WHERE c.status = had.status) AS now_there,
  count(*) FILTER (WHERE c.status = had.status AND had.status IN ('open', 'acknowledged', 'escalated') AND c.due_at < $now) AS overdue,
  CAST(coalesce(sum(greatest(epoch_us(least(had.since, sent.sent_at)) - epoch_us(c.opened_at), 0)) FILTER (WHERE had.status = 'done'), 0) AS DOUBLE) / 1e6 AS latency_seconds
FROM had
JOIN triggers AS t ON t.trigger_id = had.trigger_id
JOIN newest AS c ON c.trigger_id = had.trigger_id
LEFT JOIN sent ON sent.trigger_id = had.trigger_id
WHERE had.status <> 'scheduled'
GROUP BY t.playbook, t.urgency, had.status
ORDER BY t.playbook, t.urgency, had.status
