SELECT receiver_id, secret, created_at, ends_at
FROM webhook_secrets
ORDER BY receiver_id, created_at DESC, secret;
