-- One row: how many rows the baseline read.
SELECT count(*) AS bare_rows FROM bare_orders
