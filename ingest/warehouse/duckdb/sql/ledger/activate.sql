INSERT INTO activations (activation, version, activated_at)
SELECT
  (SELECT COALESCE(max(activation), 0) + 1 FROM activations),
  models.version,
  $activated_at
FROM models
WHERE models.version = $version;
