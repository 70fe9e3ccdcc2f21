DELETE FROM schema_macros;

INSERT INTO schema_macros (checksum, applied_at)
VALUES ($checksum, $applied_at);
