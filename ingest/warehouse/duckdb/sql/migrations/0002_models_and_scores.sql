-- Numbers of models are never used twice, also after one was deleted.
CREATE SEQUENCE model_versions;

-- One row is a stored model. Its file depends on data, code version and seed alone.
CREATE TABLE models (
  version         INTEGER NOT NULL,
  created_at      TIMESTAMP NOT NULL,
  as_of           TIMESTAMP NOT NULL,
  definition      VARCHAR NOT NULL,
  horizon_us      BIGINT NOT NULL,
  lookback_us     BIGINT NOT NULL,
  verdict         VARCHAR NOT NULL,
  roc_auc         DOUBLE,
  brier           DOUBLE,
  code_version    VARCHAR NOT NULL,
  file            VARCHAR NOT NULL
);

-- One row is a model becoming the active one; the one with the highest number counts.
CREATE TABLE activations (
  activation   BIGINT NOT NULL,
  version      INTEGER NOT NULL,
  activated_at TIMESTAMP NOT NULL
);

-- One row is a scoring run. It is invisible until a row in snapshots names it.
-- definition, horizon_us and lookback_us are the churn definition that was scored;
-- features is the JSON array of the features of the predictor's terms, in the terms' order;
-- summary is the JSON of what the run did.
CREATE SEQUENCE score_run_ids;
CREATE TABLE score_runs (
  run              BIGINT NOT NULL,
  model            INTEGER NOT NULL,
  as_of            TIMESTAMP NOT NULL,
  scored_at        TIMESTAMP NOT NULL,
  definition       VARCHAR NOT NULL,
  horizon_us       BIGINT NOT NULL,
  lookback_us      BIGINT NOT NULL,
  horizon_days     INTEGER NOT NULL,
  label_definition VARCHAR NOT NULL,
  features         VARCHAR NOT NULL,
  summary          VARCHAR NOT NULL
);

-- One row publishes a run. The one with the highest number is the current snapshot;
-- sequence is the highest that any score had by then.
CREATE TABLE snapshots (
  snapshot     BIGINT NOT NULL,
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
-- contributions[i], numbers[i] and levels[i] belong to features[i] of the run; of the two
-- values the one that does not apply is NULL. Kept for the current snapshot and the run
-- being made.
CREATE TABLE score_reasons (
  run           BIGINT NOT NULL,
  customer_id   VARCHAR NOT NULL,
  log_odds      DOUBLE NOT NULL,
  contributions DOUBLE[] NOT NULL,
  numbers       DOUBLE[] NOT NULL,
  levels        VARCHAR[] NOT NULL
);

-- One row is the number of a score's last change that a reader must hear of, and when it
-- was published. Kept for the current snapshot.
CREATE TABLE score_sequences (
  run         BIGINT NOT NULL,
  customer_id VARCHAR NOT NULL,
  sequence    UBIGINT NOT NULL,
  changed_at  TIMESTAMP NOT NULL
);
