-- One row is a customer's published score: the newest as of an instant not after $from, and those until $until.
WITH
-- One row is an instant for which scores were published; of several publications the last counts.
published AS (
  SELECT snapshots.run, score_runs.as_of
  FROM snapshots
  JOIN score_runs ON score_runs.run = snapshots.run
  WHERE score_runs.as_of <= $until
  QUALIFY row_number() OVER (PARTITION BY score_runs.as_of ORDER BY snapshots.snapshot DESC) = 1
),
wanted AS (
  SELECT *
  FROM published
  WHERE as_of >= coalesce((SELECT max(as_of) FROM published WHERE as_of <= $from), $from)
),
-- One row is a snapshot with the value above which a customer is among the most valuable fifth.
bounds AS (
  SELECT wanted.run, quantile_disc(scores.expected_value, 0.8) AS least
  FROM wanted
  JOIN scores ON scores.run = wanted.run
  GROUP BY wanted.run
)
SELECT
  scores.customer_id,
  wanted.as_of,
  scores.churn_probability,
  coalesce(scores.band, '') AS band,
  scores.drift,
  scores.expected_value,
  scores.satisfaction_index,
  scores.expected_value > bounds.least AS is_high_value
FROM scores
JOIN wanted ON wanted.run = scores.run
JOIN bounds ON bounds.run = scores.run
WHERE scores.customer_id IN (SELECT unnest($customers))
ORDER BY scores.customer_id, wanted.as_of
