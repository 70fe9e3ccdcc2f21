WITH
  -- One row is a model's newest activation.
  newest AS (
    SELECT
      version,
      max(activation) AS activation,
      arg_max(activated_at, activation) AS activated_at
    FROM activations
    GROUP BY version
  )
SELECT
  models.version,
  models.created_at,
  newest.activated_at,
  COALESCE(newest.activation = (SELECT max(activation) FROM activations), FALSE) AS active,
  models.as_of,
  models.definition,
  models.horizon_us,
  models.lookback_us,
  models.verdict,
  models.roc_auc,
  models.brier,
  models.code_version
FROM models
LEFT JOIN newest ON newest.version = models.version
ORDER BY models.version DESC;
