-- Rows come as one JSON array, numbered already. What was ended meanwhile stays ended.
INSERT INTO trigger_lives (sequence, trigger_id, status, lived_at, code, reason, planned_at, owner, opening)
SELECT
  given.sequence, given.trigger_id, given.status, make_timestamp(given.lived_at), given.code, given.reason,
  make_timestamp(given.planned_at), given.owner, given.opening
FROM (
  SELECT unnest(from_json(CAST($rows AS JSON),
    '[{"sequence":"UBIGINT","trigger_id":"VARCHAR","status":"VARCHAR","lived_at":"BIGINT","code":"VARCHAR","reason":"VARCHAR","planned_at":"BIGINT","owner":"VARCHAR","opening":"VARCHAR"}]')) AS given
)
ANTI JOIN (
  SELECT trigger_id
  FROM trigger_lives
  WHERE status IN ('done', 'expired', 'suppressed')
) AS ended ON ended.trigger_id = given.trigger_id
ORDER BY given.sequence
