-- One row is a table whose rows are each about one customer.
SELECT columns.table_name
FROM duckdb_columns() AS columns
SEMI JOIN duckdb_tables() AS tables
  ON tables.database_name = columns.database_name AND tables.schema_name = columns.schema_name
  AND tables.table_name = columns.table_name AND NOT tables.temporary AND NOT tables.internal
WHERE columns.database_name = current_database()
  AND columns.schema_name = 'main'
  AND columns.column_name = 'customer_id'
ORDER BY columns.table_name
