-- Keeps an answer, and lets go of those that nobody may ask for again.
DELETE FROM kept_answers
WHERE answered_at <= CAST($expired AS TIMESTAMP);
INSERT INTO kept_answers (answer_key, hash, answer, answered_at)
VALUES ($key, $hash, $answer, CAST($at AS TIMESTAMP));
