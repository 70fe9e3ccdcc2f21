-- The experiment that a trigger counts in, and its arm: both arms are noted when the trigger is made, before anything
-- depends on what was sent. A customer's first such trigger is his assignment. NULL counts in none.
ALTER TABLE triggers ADD COLUMN experiment VARCHAR;
ALTER TABLE triggers ADD COLUMN variant VARCHAR;

-- One row is what the holdout became: who is in it follows from salt and share, so that a larger share only adds to it.
-- Rows are only appended; the newest counts.
CREATE TABLE holdouts (
  run   BIGINT NOT NULL,
  salt  VARCHAR NOT NULL,
  share DOUBLE NOT NULL,
  since TIMESTAMP NOT NULL
);
