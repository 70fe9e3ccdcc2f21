-- One row is a job that outlasts the request that asked for it. steps is a JSON array of words, result a JSON object.
CREATE TABLE operations (
  operation_id VARCHAR NOT NULL,
  kind         VARCHAR NOT NULL,
  status       VARCHAR NOT NULL,
  steps        VARCHAR NOT NULL,
  started_at   TIMESTAMP NOT NULL,
  ended_at     TIMESTAMP,
  code         VARCHAR,
  error        VARCHAR,
  result       VARCHAR
);
