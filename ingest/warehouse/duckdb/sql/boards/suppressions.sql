-- One row per reason for which triggers were suppressed in a period, most first.
WITH
-- One row is a trigger whose newest change before the period's end suppressed it.
ended AS (
  SELECT
    trigger_id,
    arg_max(status, sequence) AS status,
    arg_max(code, sequence) AS code,
    max(lived_at) AS lived_at
  FROM trigger_lives
  WHERE lived_at < CAST($as_of AS TIMESTAMP)
  GROUP BY trigger_id
)
SELECT code, count(*) AS triggers
FROM ended
WHERE status = 'suppressed'
  AND lived_at >= CAST($from AS TIMESTAMP)
GROUP BY code
ORDER BY triggers DESC, code
