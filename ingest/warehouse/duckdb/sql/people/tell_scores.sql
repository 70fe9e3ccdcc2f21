-- Readers have heard of later scores than these: each of the current snapshot is a change, behind all numbers that were
-- ever given, in the order that they had.
UPDATE score_sequences
SET
  sequence = told.sequence,
  changed_at = CAST($at AS TIMESTAMP),
  announced_probability = told.churn_probability
FROM (
  SELECT
    score_sequences.run,
    score_sequences.customer_id,
    CAST($newest AS UBIGINT) + row_number() OVER (ORDER BY score_sequences.sequence, score_sequences.customer_id) AS sequence,
    scores.churn_probability
  FROM score_sequences
  JOIN scores
    ON scores.run = score_sequences.run
    AND scores.customer_id = score_sequences.customer_id
  WHERE score_sequences.run = (SELECT arg_max(run, snapshot) FROM snapshots)
) AS told
WHERE score_sequences.run = told.run
  AND score_sequences.customer_id = told.customer_id;

UPDATE snapshots
SET sequence = greatest(sequence, (SELECT coalesce(max(sequence), 0) FROM score_sequences WHERE score_sequences.run = snapshots.run))
WHERE snapshot = (SELECT max(snapshot) FROM snapshots);
