-- One row is a day that scores were published as of, not after the current snapshot's, with the last publication of it;
-- the newest days, oldest first.
WITH
  -- One row is a published run with its place among those of its day.
  placed AS (
    SELECT
      snapshots.snapshot,
      score_runs.model,
      score_runs.as_of,
      score_runs.summary,
      row_number() OVER (PARTITION BY CAST(score_runs.as_of AS DATE) ORDER BY snapshots.snapshot DESC) AS lateness
    FROM snapshots
    JOIN score_runs ON score_runs.run = snapshots.run
  ),
  -- One row is a day.
  days AS (
    SELECT
      model,
      as_of,
      summary,
      row_number() OVER (ORDER BY as_of DESC) AS newness
    FROM placed
    WHERE lateness = 1
      AND CAST(as_of AS DATE) <= (SELECT CAST(arg_max(as_of, snapshot) AS DATE) FROM placed)
  )
SELECT
  model,
  as_of,
  summary
FROM days
WHERE newness <= $most
ORDER BY as_of;
