-- measured says that the trigger counts in the comparison with the holdout; experiment and variant are those of the
-- playbook's own experiment where it has one. segment is the group of the customer's last answer when the trigger was
-- made, '' without one.
ALTER TABLE triggers ADD COLUMN measured BOOLEAN;
ALTER TABLE triggers ADD COLUMN segment VARCHAR;
UPDATE triggers SET measured = experiment IS NOT NULL, segment = '';

-- One row is how customers are assigned to the arms of an experiment from a run on. Rows are only appended; the newest
-- of an experiment counts.
--
-- variants   JSON of the arms and their shares, in the order that assignment follows
-- content    checksum of what the variants do
CREATE TABLE experiments (
  run        BIGINT NOT NULL,
  experiment VARCHAR NOT NULL,
  since      TIMESTAMP NOT NULL,
  playbook   VARCHAR NOT NULL,
  vary       VARCHAR NOT NULL,
  measure    VARCHAR NOT NULL,
  variants   VARCHAR NOT NULL,
  content    VARCHAR NOT NULL
);
