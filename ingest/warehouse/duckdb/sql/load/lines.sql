INSERT INTO load_lines
SELECT CAST($part AS INTEGER), unnest(CAST($positions AS BIGINT[])), unnest(CAST($lines AS BIGINT[]))
