-- One row: the start of the day of the newest order known, NULL without an order.
SELECT date_trunc('day', max(ordered_at)) AS watermark
FROM orders_known(CAST('infinity' AS TIMESTAMP))
