-- Old refusals go.
DELETE FROM quarantine WHERE recorded_at < CAST($before AS TIMESTAMP);

-- One row is a run of records on consecutive lines, in what is being loaded.
CREATE OR REPLACE TEMP TABLE load_lines (start_position BIGINT, start_line BIGINT)
