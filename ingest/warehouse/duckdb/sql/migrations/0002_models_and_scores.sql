-- One row is a stored model. Its file depends on data, code version and seed alone.
CREATE TABLE models (
  version         INTEGER NOT NULL,
  created_at      TIMESTAMP NOT NULL,
  as_of           TIMESTAMP NOT NULL,
  definition      VARCHAR NOT NULL,
  horizon_seconds BIGINT NOT NULL,
  lookback_seconds BIGINT NOT NULL,
  verdict         VARCHAR NOT NULL,
  roc_auc         DOUBLE,
  brier           DOUBLE,
  code_version    VARCHAR NOT NULL,
  file            VARCHAR NOT NULL
);

-- One row is a model becoming the active one; the newest row counts.
CREATE SEQUENCE activation_ids;
CREATE TABLE activations (
  activation   BIGINT NOT NULL,
  version      INTEGER NOT NULL,
  activated_at TIMESTAMP NOT NULL
);

-- One row is a scoring run. It is invisible until a row in snapshots names it.
CREATE SEQUENCE score_run_ids;
CREATE TABLE score_runs (
  run          BIGINT NOT NULL,
  model        INTEGER NOT NULL,
  as_of        TIMESTAMP NOT NULL,
  scored_at    TIMESTAMP NOT NULL,
  horizon_days INTEGER NOT NULL,
  label_definition VARCHAR NOT NULL,
  summary      VARCHAR NOT NULL
);

-- One row publishes a run. The newest row is the current snapshot.
CREATE TABLE snapshots (
  run          BIGINT NOT NULL,
  published_at TIMESTAMP NOT NULL,
  sequence     UBIGINT NOT NULL
);

-- One row is a customer's score in a run. NULL is absent knowledge; status says why.
CREATE TABLE scores (
  run                 BIGINT NOT NULL,
  customer_id         VARCHAR NOT NULL,
  status              VARCHAR NOT NULL,
  status_reason       VARCHAR NOT NULL,
  churn_probability   DOUBLE,
  low                 DOUBLE,
  high                DOUBLE,
  level               DOUBLE,
  band                VARCHAR,
  percentile          DOUBLE,
  satisfaction_index  DOUBLE,
  satisfaction_standard_error DOUBLE,
  satisfaction_answers INTEGER NOT NULL,
  nps_segment         VARCHAR,
  drift               VARCHAR NOT NULL,
  pain_index          DOUBLE,
  expected_value      DOUBLE,
  revenue_at_risk     DOUBLE,
  expected_next_order TIMESTAMP,
  holdout             BOOLEAN NOT NULL
);

-- One row is why a score is what it is: for each term of its model, the calibrated
-- contribution to the log-odds and the feature's value (a number or a word).
-- Kept for the current snapshot and the run being made.
CREATE TABLE score_reasons (
  run           BIGINT NOT NULL,
  customer_id   VARCHAR NOT NULL,
  log_odds      DOUBLE NOT NULL,
  contributions DOUBLE[] NOT NULL,
  numbers       DOUBLE[] NOT NULL,
  levels        VARCHAR[] NOT NULL
);

-- One row is a change that a reader must hear of: the customer's score moved with this
-- sequence number.
CREATE TABLE score_changes (
  sequence     UBIGINT NOT NULL,
  run          BIGINT NOT NULL,
  customer_id  VARCHAR NOT NULL,
  published_at TIMESTAMP NOT NULL
);
