-- A score of the current snapshot that was made anew by itself says as of when and when; NULL is as its run says.
ALTER TABLE scores ADD COLUMN as_of TIMESTAMP;
ALTER TABLE scores ADD COLUMN scored_at TIMESTAMP;

-- One row is a score of the current snapshot as its run published it, where one that was made anew stands in its place.
-- It returns there when another run is published, so that the scores of a run that is history are its own.
CREATE TABLE displaced_scores AS
SELECT *
FROM scores
WHERE false;

-- One row is a change of the current snapshot: scores of some customers made anew. It is numbered together with the
-- snapshots, in the order in which they were published.
CREATE TABLE amendments (
  amendment    BIGINT NOT NULL,
  run          BIGINT NOT NULL,
  as_of        TIMESTAMP NOT NULL,
  published_at TIMESTAMP NOT NULL
);

-- One row is a score that an amendment made, beside what it took the place of (NULL where the customer had none). Those
-- that changed band or drift are kept, all others until the snapshot after the next is published.
CREATE TABLE amended_scores (
  amendment          BIGINT NOT NULL,
  run                BIGINT NOT NULL,
  customer_id        VARCHAR NOT NULL,
  as_of              TIMESTAMP NOT NULL,
  churn_probability  DOUBLE,
  band               VARCHAR,
  drift              VARCHAR NOT NULL,
  expected_value     DOUBLE,
  satisfaction_index DOUBLE,
  former_probability DOUBLE,
  former_band        VARCHAR,
  former_drift       VARCHAR
);
