-- One row is a published run, the oldest publication first.
SELECT
  snapshots.run,
  score_runs.model,
  score_runs.as_of,
  score_runs.scored_at,
  snapshots.published_at,
  score_runs.definition,
  score_runs.horizon_us,
  score_runs.lookback_us
FROM snapshots
JOIN score_runs ON score_runs.run = snapshots.run
ORDER BY snapshots.snapshot;
