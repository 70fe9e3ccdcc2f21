DELETE FROM webhook_undelivered
WHERE receiver_id = $receiver_id;

DELETE FROM webhook_cursors
WHERE receiver_id = $receiver_id;

DELETE FROM webhook_secrets
WHERE receiver_id = $receiver_id;

DELETE FROM webhook_receivers
WHERE receiver_id = $receiver_id;
