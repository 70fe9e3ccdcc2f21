-- The score of a customer gets a new number when a reader must hear of it: the customer is
-- new in the snapshot, or status, band, drift or holdout differ from the snapshot before, or
-- the probability differs by 0.005 from the one that was announced last, however slowly it
-- got there. 1e-9 is for differences of decimals that doubles can't hold.
INSERT INTO score_sequences (run, customer_id, sequence, changed_at, announced_probability)
WITH
  -- One row is the snapshot before.
  former AS (
    SELECT
      run,
      sequence
    FROM snapshots
    WHERE snapshot = (SELECT max(snapshot) FROM snapshots)
  ),
  -- One row is the highest number that any score ever had.
  numbered AS (
    SELECT greatest(
      (SELECT coalesce(max(sequence), 0) FROM snapshots),
      (SELECT coalesce(max(sequence), 0) FROM feed_marks WHERE feed = 'scores')
    ) AS sequence
  ),
  -- One row is a customer's score there.
  before AS (
    SELECT
      scores.customer_id,
      scores.status,
      scores.band,
      scores.drift,
      scores.holdout,
      score_sequences.sequence,
      score_sequences.changed_at,
      score_sequences.announced_probability
    FROM scores
    JOIN former ON former.run = scores.run
    JOIN score_sequences
      ON score_sequences.run = scores.run
      AND score_sequences.customer_id = scores.customer_id
  ),
  -- One row is a customer's score in the new run.
  compared AS (
    SELECT
      fresh.customer_id,
      before.sequence,
      before.changed_at,
      before.announced_probability,
      fresh.churn_probability,
      before.customer_id IS NULL
        OR score_moved(
          fresh.status, before.status, fresh.band, before.band, fresh.drift, before.drift, fresh.holdout, before.holdout,
          fresh.churn_probability, before.announced_probability
        ) AS is_moved
    FROM scores AS fresh
    LEFT JOIN before ON before.customer_id = fresh.customer_id
    WHERE fresh.run = $run
  )
SELECT
  CAST($run AS BIGINT),
  customer_id,
  CASE
    WHEN is_moved THEN
      (SELECT sequence FROM numbered)
        + row_number() OVER (PARTITION BY is_moved ORDER BY customer_id)
    ELSE sequence
  END,
  CASE WHEN is_moved THEN CAST($published_at AS TIMESTAMP) ELSE changed_at END,
  CASE WHEN is_moved THEN churn_probability ELSE announced_probability END
FROM compared;

DELETE FROM score_sequences
WHERE run <> $run;

-- What was made anew of the snapshot before gives way to what its run published.
DELETE FROM scores
WHERE as_of IS NOT NULL;

INSERT INTO scores BY NAME
SELECT *
FROM displaced_scores;

DELETE FROM displaced_scores;

DELETE FROM amended_scores
WHERE run <> (SELECT arg_max(run, snapshot) FROM snapshots)
  AND band IS NOT DISTINCT FROM former_band
  AND drift IS NOT DISTINCT FROM former_drift;

-- This run is not among the published ones yet.
DELETE FROM score_reasons
WHERE run IN (SELECT run FROM snapshots);

-- From here on it is the current snapshot.
INSERT INTO snapshots (snapshot, run, published_at, sequence)
SELECT
  (SELECT coalesce(max(number), 0) + 1 FROM (SELECT max(snapshot) AS number FROM snapshots UNION ALL SELECT max(amendment) FROM amendments)),
  CAST($run AS BIGINT),
  CAST($published_at AS TIMESTAMP),
  greatest(
    (SELECT coalesce(max(sequence), 0) FROM snapshots),
    (SELECT coalesce(max(sequence), 0) FROM score_sequences WHERE run = $run)
  );
