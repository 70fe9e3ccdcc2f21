-- From here on score_quality is kept with its run, as the scores are.
--
-- What the sequence of a customer's score announced: the probability at its last change.
-- Moves too small to be announced add up from there, not from one snapshot to the next.
ALTER TABLE score_sequences ADD COLUMN announced_probability DOUBLE;

UPDATE score_sequences
SET announced_probability = scores.churn_probability
FROM scores
WHERE scores.run = score_sequences.run
  AND scores.customer_id = score_sequences.customer_id;
