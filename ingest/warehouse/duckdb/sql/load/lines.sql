INSERT INTO load_lines
SELECT unnest(CAST($positions AS BIGINT[])), unnest(CAST($lines AS BIGINT[]))
