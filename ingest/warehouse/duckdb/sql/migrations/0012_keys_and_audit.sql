-- One row is an API key. hash is the SHA-256 of its text, which is kept nowhere. Rows are only appended.
CREATE TABLE api_keys (
  key_id     VARCHAR NOT NULL,
  name       VARCHAR NOT NULL,
  hash       VARCHAR NOT NULL,
  scopes     VARCHAR[] NOT NULL,
  created_at TIMESTAMP NOT NULL
);

-- One row is an end of a key: when, and why (expired, rotated, revoked). Of several the earliest counts. successor is
-- the key that it was rotated to, '' otherwise. Rows are only appended.
CREATE TABLE api_key_ends (
  key_id    VARCHAR NOT NULL,
  ends_at   TIMESTAMP NOT NULL,
  reason    VARCHAR NOT NULL,
  successor VARCHAR NOT NULL
);

-- One row is a secret of this database, made at random when it was first needed.
CREATE TABLE secrets (
  name  VARCHAR NOT NULL,
  value VARCHAR NOT NULL
);

-- One row is who did what: calls alike within a moment are one, counted in times. Rows are only appended.
--
-- subject   keyed hash of the customer whom it was about, '' for nobody or many
-- outcome   ok, or the code of the refusal or fault
CREATE TABLE audit_log (
  entry      BIGINT NOT NULL,
  acted_at   TIMESTAMP NOT NULL,
  key_id     VARCHAR NOT NULL,
  key_name   VARCHAR NOT NULL,
  action     VARCHAR NOT NULL,
  subject    VARCHAR NOT NULL,
  resource   VARCHAR NOT NULL,
  outcome    VARCHAR NOT NULL,
  request_id VARCHAR NOT NULL,
  times      BIGINT NOT NULL
);
