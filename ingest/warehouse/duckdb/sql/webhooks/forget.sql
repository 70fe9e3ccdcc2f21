DELETE FROM webhook_undelivered
WHERE first_at < CAST($before AS TIMESTAMP);
