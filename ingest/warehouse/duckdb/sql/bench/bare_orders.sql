-- The baseline of the import benchmark: the engine's own reader, told the dialect and the types, into a bare table.
CREATE OR REPLACE TABLE bare_orders AS
SELECT *
FROM read_csv(
  $path,
  auto_detect = false,
  header = true,
  delim = ',',
  columns = {
    'order_id': 'VARCHAR',
    'customer_id': 'VARCHAR',
    'ordered_at': 'TIMESTAMPTZ',
    'amount': 'DECIMAL(18, 4)',
    'currency': 'VARCHAR',
    'channel': 'VARCHAR',
    'promised_at': 'DATE',
    'delivered_at': 'TIMESTAMPTZ'
  }
)
