-- Keeps answers, and lets go of those that nobody may ask for again.
DELETE FROM kept_answers
WHERE answered_at <= CAST($expired AS TIMESTAMP);
INSERT INTO kept_answers (answer_key, hash, answer, answered_at)
SELECT unnest($keys), unnest($hashes), unnest($answers), make_timestamp(unnest($microseconds));
