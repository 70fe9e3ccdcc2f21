DELETE FROM models
WHERE version = $version;
