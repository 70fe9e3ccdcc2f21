-- One row is an erasure after which the database was not yet copied into a fresh file.
CREATE TABLE compactions_due (
  since TIMESTAMP NOT NULL
);
