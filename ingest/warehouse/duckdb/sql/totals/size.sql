-- The bytes of the database's file, free blocks included.
SELECT CAST(coalesce(sum(block_size * total_blocks), 0) AS BIGINT) AS bytes
FROM pragma_database_size();
