-- Readers have heard of later lives than these. Triggers that they know of come as a JSON array with their status. One
-- that is live here, or was there, lives on as it stands here; one that is not here is withdrawn, unless it was done:
-- that stays so. They are told behind all numbers that were ever given.
INSERT INTO trigger_lives (sequence, trigger_id, status, lived_at, code, reason, planned_at, owner, opening)
WITH
  -- One row is a trigger that readers know of.
  heard AS (
    SELECT unnest(from_json(CAST($heard AS JSON), '[{"trigger_id":"VARCHAR","status":"VARCHAR"}]'), recursive := true)
  ),
  -- One row is a trigger as it stands.
  newest AS (
    SELECT
      trigger_id,
      max(sequence) AS sequence,
      arg_max(status, sequence) AS status,
      arg_max(code, sequence) AS code
    FROM trigger_lives
    GROUP BY trigger_id
  ),
  -- One row is a life to tell.
  told AS (
    SELECT
      newest.sequence,
      newest.trigger_id,
      newest.status,
      newest.code,
      'as it stood when the backup was made that was restored' AS reason
    FROM newest
    LEFT JOIN heard ON heard.trigger_id = newest.trigger_id
    WHERE newest.status IN ('open', 'acknowledged', 'escalated')
      OR (newest.status <> 'scheduled' AND heard.status IN ('open', 'acknowledged', 'escalated'))
    UNION ALL
    SELECT
      NULL,
      heard.trigger_id,
      CASE WHEN heard.status = 'done' THEN 'done' ELSE 'suppressed' END,
      CASE WHEN heard.status = 'done' THEN '' ELSE $withdrawn END,
      'it came after the backup that was restored'
    FROM heard
    ANTI JOIN newest ON newest.trigger_id = heard.trigger_id
  )
SELECT
  CAST($newest AS UBIGINT) + row_number() OVER (ORDER BY sequence NULLS LAST, trigger_id),
  trigger_id,
  status,
  CAST($at AS TIMESTAMP),
  code,
  reason,
  NULL,
  '',
  NULL
FROM told;
