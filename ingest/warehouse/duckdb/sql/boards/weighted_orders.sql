-- The number of orders that stand for more or fewer than themselves, because they were drawn into a sample.
SELECT count(*) AS orders
FROM orders_known(CAST($as_of AS TIMESTAMP))
WHERE sampling_weight <> 1
