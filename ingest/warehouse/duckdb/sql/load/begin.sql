-- Old refusals go.
DELETE FROM quarantine WHERE recorded_at < CAST($before AS TIMESTAMP);

-- One row is a run of records on consecutive lines, in the chunk or the staged table of that number.
CREATE OR REPLACE TEMP TABLE load_lines (part INTEGER, start_position BIGINT, start_line BIGINT)
