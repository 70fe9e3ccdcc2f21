SELECT checksum
FROM schema_macros
ORDER BY applied_at, checksum;
