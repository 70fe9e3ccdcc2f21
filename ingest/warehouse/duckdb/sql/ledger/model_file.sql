SELECT file
FROM models
WHERE version = $version;
