-- One row is a migration that was applied.
CREATE TABLE IF NOT EXISTS schema_migrations (
  version    INTEGER NOT NULL,
  name       VARCHAR NOT NULL,
  checksum   VARCHAR NOT NULL,
  applied_at TIMESTAMP NOT NULL
);

-- One row is the checksum of the macros as they were last created.
CREATE TABLE IF NOT EXISTS schema_macros (
  checksum   VARCHAR NOT NULL,
  applied_at TIMESTAMP NOT NULL
);
