-- What the data-quality gates said when a run was made, as JSON; NULL in runs made before.
ALTER TABLE score_runs ADD COLUMN data_quality VARCHAR;

-- Whom a refused row is about, NULL where it does not say.
ALTER TABLE quarantine ADD COLUMN customer_id VARCHAR;

-- One row is a check that finds something odd among the facts of a scored customer. Kept for the current snapshot and
-- the run being made.
CREATE TABLE score_quality (
  run         BIGINT NOT NULL,
  customer_id VARCHAR NOT NULL,
  check_name  VARCHAR NOT NULL,
  kind        VARCHAR NOT NULL,
  facts       BIGINT NOT NULL,
  detail      VARCHAR NOT NULL
);
