-- noted is the run that noted a row, and run the one from which on the arms are as they are: the same for all rows of one
-- design. is_over says that the playbooks had the experiment no more from since on. The newest that was noted counts.
ALTER TABLE experiments ADD COLUMN noted BIGINT;
ALTER TABLE experiments ADD COLUMN is_over BOOLEAN;
UPDATE experiments SET noted = run, is_over = false;
