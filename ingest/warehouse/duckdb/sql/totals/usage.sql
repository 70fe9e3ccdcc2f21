-- The bytes that the database takes: of its file, free blocks included, and in memory.
SELECT
  (SELECT CAST(coalesce(sum(block_size * total_blocks), 0) AS BIGINT) FROM pragma_database_size()) AS file_bytes,
  (SELECT CAST(coalesce(sum(memory_usage_bytes), 0) AS BIGINT) FROM duckdb_memory()) AS memory_bytes;
