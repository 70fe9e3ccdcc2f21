-- One row is a customer's published score: the newest as of an instant not after $from, and those until $until, also those
-- that were made anew since.
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
  JOIN scores_as_published() AS scores ON scores.run = wanted.run
  GROUP BY wanted.run
),
-- One row is what was said of a customer as of an instant.
said AS (
  SELECT scores.run, scores.customer_id, wanted.as_of, 0 AS amendment, churn_probability, band, drift, expected_value, satisfaction_index
  FROM scores_as_published() AS scores
  JOIN wanted ON wanted.run = scores.run
  UNION ALL
  SELECT run, customer_id, as_of, amendment, churn_probability, band, drift, expected_value, satisfaction_index
  FROM amended_scores
  WHERE as_of <= $until
)
SELECT
  said.customer_id,
  said.as_of,
  said.churn_probability,
  coalesce(said.band, '') AS band,
  said.drift,
  said.expected_value,
  said.satisfaction_index,
  said.expected_value > bounds.least AS is_high_value
FROM said
JOIN bounds ON bounds.run = said.run
WHERE said.customer_id IN (SELECT unnest($customers))
ORDER BY said.customer_id, said.as_of, said.amendment
