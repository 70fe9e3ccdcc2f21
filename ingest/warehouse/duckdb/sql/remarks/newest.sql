-- One row is the newest week with a remark, NULL without one.
SELECT CAST(date_trunc('week', max(said_at)) AS TIMESTAMP)
FROM remarks_known(CAST($as_of AS TIMESTAMP))
