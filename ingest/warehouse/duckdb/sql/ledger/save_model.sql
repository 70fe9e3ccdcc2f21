INSERT INTO models (
  version, created_at, as_of, definition, horizon_us, lookback_us, verdict, roc_auc, brier,
  code_version, file
)
SELECT
  CAST(nextval('model_versions') AS INTEGER),
  $created_at,
  $as_of,
  $definition,
  $horizon_us,
  $lookback_us,
  $verdict,
  $roc_auc,
  $brier,
  $code_version,
  $file
RETURNING version;
