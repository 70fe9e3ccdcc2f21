-- Secrets and cursors come as JSON arrays; instants in microseconds.
DELETE FROM webhook_cursors
WHERE receiver_id = $receiver_id;

DELETE FROM webhook_secrets
WHERE receiver_id = $receiver_id;

DELETE FROM webhook_receivers
WHERE receiver_id = $receiver_id;

INSERT INTO webhook_receivers (receiver_id, name, url, types, created_at, state, reason, failing_since, last_success_at)
VALUES (
  $receiver_id, $name, $url, from_json(CAST($types AS JSON), '["VARCHAR"]'), CAST($created_at AS TIMESTAMP), $state, $reason,
  CAST($failing_since AS TIMESTAMP), CAST($last_success_at AS TIMESTAMP)
);

INSERT INTO webhook_secrets (receiver_id, secret, created_at, ends_at)
SELECT $receiver_id, given.secret, make_timestamp(given.created_at), make_timestamp(given.ends_at)
FROM (
  SELECT unnest(from_json(CAST($secrets AS JSON), '[{"secret":"VARCHAR","created_at":"BIGINT","ends_at":"BIGINT"}]')) AS given
);

INSERT INTO webhook_cursors (receiver_id, feed, sequence)
SELECT $receiver_id, given.feed, given.sequence
FROM (SELECT unnest(from_json(CAST($cursors AS JSON), '[{"feed":"VARCHAR","sequence":"UBIGINT"}]')) AS given);
