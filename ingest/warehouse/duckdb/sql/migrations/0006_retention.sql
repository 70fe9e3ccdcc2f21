-- Rows are only ever appended. Times are UTC.

-- One row is an evaluation of the playbooks, of all that became known in [from_at, to_at).
--
-- since        from when on scores count for crossings: what the first run looked at
-- load_id, snapshot   the newest load and publication that it saw
-- playbooks    checksum of the playbooks in force
CREATE TABLE retention_runs (
  run       BIGINT NOT NULL,
  from_at   TIMESTAMP NOT NULL,
  to_at     TIMESTAMP NOT NULL,
  since     TIMESTAMP NOT NULL,
  load_id   BIGINT NOT NULL,
  snapshot  BIGINT NOT NULL,
  ran_at    TIMESTAMP NOT NULL,
  playbooks VARCHAR NOT NULL
);

-- One row is a trigger: a step of a playbook for a customer and a cause, as it was planned. signal and evidence are JSON.
CREATE TABLE triggers (
  trigger_id  VARCHAR NOT NULL,
  customer_id VARCHAR NOT NULL,
  playbook    VARCHAR NOT NULL,
  step        VARCHAR NOT NULL,
  cause       VARCHAR NOT NULL,
  caused_at   TIMESTAMP NOT NULL,
  planned_at  TIMESTAMP NOT NULL,
  reason      VARCHAR NOT NULL,
  urgency     VARCHAR NOT NULL,
  action      VARCHAR NOT NULL,
  template    VARCHAR NOT NULL,
  channel     VARCHAR NOT NULL,
  owner       VARCHAR NOT NULL,
  offer       VARCHAR NOT NULL,
  ask         VARCHAR NOT NULL,
  holdout     BOOLEAN NOT NULL,
  evidence    VARCHAR NOT NULL,
  signal      VARCHAR NOT NULL,
  run         BIGINT NOT NULL
);

-- One row is a change in the life of a trigger; the one with the highest sequence counts.
--
-- code         short name of what it was suppressed or put off by, '' otherwise
-- planned_at   set where the moment moved
-- opening      JSON of what was decided at the opening, NULL otherwise
CREATE TABLE trigger_lives (
  sequence   UBIGINT NOT NULL,
  trigger_id VARCHAR NOT NULL,
  status     VARCHAR NOT NULL,
  lived_at   TIMESTAMP NOT NULL,
  code       VARCHAR NOT NULL,
  reason     VARCHAR NOT NULL,
  planned_at TIMESTAMP,
  owner      VARCHAR NOT NULL,
  opening    VARCHAR
);
