-- One row is a life of a trigger, oldest first.
SELECT sequence, status, lived_at, code, reason, planned_at, owner, opening
FROM trigger_lives
WHERE trigger_id = $trigger_id
ORDER BY sequence
