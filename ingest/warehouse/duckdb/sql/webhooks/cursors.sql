SELECT receiver_id, feed, sequence
FROM webhook_cursors
ORDER BY receiver_id, feed;
