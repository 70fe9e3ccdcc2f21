-- Puts scores that a transaction has just made under a run of their own into the current snapshot, and changes nothing else
-- of it. The temporary table lasts as long as the script.
--
-- One row is a score made anew, beside the one whose place it takes.
CREATE TEMP TABLE amending AS
SELECT
  fresh.customer_id,
  fresh.churn_probability,
  fresh.band,
  fresh.drift,
  fresh.expected_value,
  fresh.satisfaction_index,
  live.churn_probability AS former_probability,
  live.band AS former_band,
  live.drift AS former_drift,
  numbered.sequence,
  numbered.changed_at,
  numbered.announced_probability,
  live.customer_id IS NULL
    OR score_moved(
      fresh.status, live.status, fresh.band, live.band, fresh.drift, live.drift, fresh.holdout, live.holdout,
      fresh.churn_probability, numbered.announced_probability
    ) AS is_moved
FROM scores AS fresh
LEFT JOIN scores AS live ON live.run = $snapshot AND live.customer_id = fresh.customer_id
LEFT JOIN score_sequences AS numbered ON numbered.run = $snapshot AND numbered.customer_id = fresh.customer_id
WHERE fresh.run = $run;

INSERT INTO amended_scores BY NAME
SELECT
  (SELECT max(number) + 1 FROM (SELECT max(snapshot) AS number FROM snapshots UNION ALL SELECT max(amendment) FROM amendments)) AS amendment,
  CAST($snapshot AS BIGINT) AS run,
  customer_id,
  CAST($as_of AS TIMESTAMP) AS as_of,
  churn_probability,
  band,
  drift,
  expected_value,
  satisfaction_index,
  former_probability,
  former_band,
  former_drift
FROM amending;

INSERT INTO amendments (amendment, run, as_of, published_at)
SELECT
  max(number) + 1,
  CAST($snapshot AS BIGINT),
  CAST($as_of AS TIMESTAMP),
  CAST($published_at AS TIMESTAMP)
FROM (SELECT max(snapshot) AS number FROM snapshots UNION ALL SELECT max(amendment) FROM amendments);

INSERT INTO displaced_scores BY NAME
SELECT *
FROM scores
WHERE run = $snapshot
  AND as_of IS NULL
  AND customer_id IN (SELECT customer_id FROM amending);

DELETE FROM scores
WHERE run = $snapshot
  AND customer_id IN (SELECT customer_id FROM amending);

INSERT INTO scores BY NAME
SELECT * REPLACE (
  CAST($snapshot AS BIGINT) AS run,
  CAST($as_of AS TIMESTAMP) AS as_of,
  CAST($scored_at AS TIMESTAMP) AS scored_at
)
FROM scores
WHERE run = $run;

DELETE FROM scores
WHERE run = $run;

-- The share of all whose score can be relied on who have a lower probability.
UPDATE scores
SET percentile = (
  SELECT 100 * CAST(count(*) FILTER (WHERE other.churn_probability < scores.churn_probability) AS DOUBLE) / greatest(count(*) - 1, 1)
  FROM scores AS other
  WHERE other.run = $snapshot
    AND other.status = 'ok'
)
WHERE run = $snapshot
  AND status = 'ok'
  AND customer_id IN (SELECT customer_id FROM amending);

DELETE FROM score_reasons
WHERE run = $snapshot
  AND customer_id IN (SELECT customer_id FROM amending);

INSERT INTO score_reasons BY NAME
SELECT * REPLACE (CAST($snapshot AS BIGINT) AS run)
FROM score_reasons
WHERE run = $run;

DELETE FROM score_reasons
WHERE run = $run;

DELETE FROM score_quality
WHERE run = $snapshot
  AND customer_id IN (SELECT customer_id FROM amending);

INSERT INTO score_quality BY NAME
SELECT * REPLACE (CAST($snapshot AS BIGINT) AS run)
FROM score_quality
WHERE run = $run;

DELETE FROM score_quality
WHERE run = $run;

DELETE FROM score_sequences
WHERE run = $snapshot
  AND customer_id IN (SELECT customer_id FROM amending);

INSERT INTO score_sequences (run, customer_id, sequence, changed_at, announced_probability)
SELECT
  CAST($snapshot AS BIGINT),
  customer_id,
  CASE
    WHEN is_moved THEN
      greatest(
        (SELECT coalesce(max(sequence), 0) FROM snapshots),
        (SELECT coalesce(max(sequence), 0) FROM feed_marks WHERE feed = 'scores')
      ) + row_number() OVER (PARTITION BY is_moved ORDER BY customer_id)
    ELSE sequence
  END,
  CASE WHEN is_moved THEN CAST($published_at AS TIMESTAMP) ELSE changed_at END,
  CASE WHEN is_moved THEN churn_probability ELSE announced_probability END
FROM amending;

-- The highest number by now.
UPDATE snapshots
SET sequence = greatest(sequence, (SELECT coalesce(max(sequence), 0) FROM score_sequences WHERE run = $snapshot))
WHERE run = $snapshot;

DROP TABLE amending;
