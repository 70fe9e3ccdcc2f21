-- One row is a receiver of changes. types are the events that it wants, none for all. reason says why it is disabled or
-- what failed last; failing_since is the first failure after the last success.
CREATE TABLE webhook_receivers (
  receiver_id     VARCHAR NOT NULL,
  name            VARCHAR NOT NULL,
  url             VARCHAR NOT NULL,
  types           VARCHAR[] NOT NULL,
  created_at      TIMESTAMP NOT NULL,
  state           VARCHAR NOT NULL,
  reason          VARCHAR NOT NULL,
  failing_since   TIMESTAMP,
  last_success_at TIMESTAMP
);

-- One row is a secret that signs what a receiver gets, until ends_at where that is set.
CREATE TABLE webhook_secrets (
  receiver_id VARCHAR NOT NULL,
  secret      VARCHAR NOT NULL,
  created_at  TIMESTAMP NOT NULL,
  ends_at     TIMESTAMP
);

-- One row is how far a receiver was served of a feed.
CREATE TABLE webhook_cursors (
  receiver_id VARCHAR NOT NULL,
  feed        VARCHAR NOT NULL,
  sequence    UBIGINT NOT NULL
);

-- One row is an event that a receiver did not take, with the bytes that were sent. due_at is when it is tried again, NULL
-- once it is dead. An erasure names no customer.
CREATE TABLE webhook_undelivered (
  receiver_id VARCHAR NOT NULL,
  event_id    VARCHAR NOT NULL,
  feed        VARCHAR NOT NULL,
  sequence    UBIGINT NOT NULL,
  type        VARCHAR NOT NULL,
  customer_id VARCHAR,
  payload     VARCHAR NOT NULL,
  first_at    TIMESTAMP NOT NULL,
  attempts    INTEGER NOT NULL,
  due_at      TIMESTAMP,
  died_at     TIMESTAMP,
  reason      VARCHAR NOT NULL
);

-- Erased customers are a feed, numbered in the order in which they went; their orders have no number.
ALTER TABLE erased ADD COLUMN sequence UBIGINT;

UPDATE erased
SET sequence = numbered.sequence
FROM (
  SELECT
    hash,
    row_number() OVER (ORDER BY erased_at, hash) AS sequence
  FROM erased
  WHERE what = 'customer'
) AS numbered
WHERE erased.what = 'customer'
  AND erased.hash = numbered.hash;
