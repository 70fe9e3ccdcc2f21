-- The row of a scoring run.
INSERT INTO score_runs (
  run, model, as_of, scored_at, definition, horizon_us, lookback_us, horizon_days, label_definition, features, summary,
  data_quality
)
VALUES (
  $run, $model, CAST($as_of AS TIMESTAMP), CAST($scored_at AS TIMESTAMP), $definition, $horizon_us, $lookback_us,
  $horizon_days, $label_definition, $features, $summary, $data_quality
)
