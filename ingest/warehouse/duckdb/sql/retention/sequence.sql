-- The number of the newest change of any trigger.
SELECT CAST(coalesce(max(sequence), 0) AS UBIGINT)
FROM trigger_lives
