-- What became of deliveries comes as JSON arrays; instants in microseconds. What is settled, and what comes anew, leaves
-- first. An event about somebody who was erased meanwhile is not kept, nor one of a receiver that was removed.
UPDATE webhook_receivers
SET
  state = given.state,
  reason = given.reason,
  failing_since = make_timestamp(given.failing_since),
  last_success_at = make_timestamp(given.last_success_at)
FROM (
  SELECT unnest(from_json(CAST($receivers AS JSON),
    '[{"receiver_id":"VARCHAR","state":"VARCHAR","reason":"VARCHAR","failing_since":"BIGINT","last_success_at":"BIGINT"}]'), recursive := true)
) AS given
WHERE webhook_receivers.receiver_id = given.receiver_id;

UPDATE webhook_cursors
SET sequence = given.sequence
FROM (
  SELECT unnest(from_json(CAST($cursors AS JSON), '[{"receiver_id":"VARCHAR","feed":"VARCHAR","sequence":"UBIGINT"}]'), recursive := true)
) AS given
WHERE webhook_cursors.receiver_id = given.receiver_id
  AND webhook_cursors.feed = given.feed;

DELETE FROM webhook_undelivered
USING (
  SELECT unnest(from_json(CAST($gone AS JSON), '[{"receiver_id":"VARCHAR","event_id":"VARCHAR"}]'), recursive := true)
) AS given
WHERE webhook_undelivered.receiver_id = given.receiver_id
  AND webhook_undelivered.event_id = given.event_id;

INSERT INTO webhook_undelivered (
  receiver_id, event_id, feed, sequence, type, customer_id, payload, first_at, attempts, due_at, died_at, reason
)
SELECT
  given.receiver_id, given.event_id, given.feed, given.sequence, given.type, given.customer_id, given.payload,
  make_timestamp(given.first_at), given.attempts, make_timestamp(given.due_at), make_timestamp(given.died_at), given.reason
FROM (
  SELECT unnest(from_json(CAST($undelivered AS JSON),
    '[{"receiver_id":"VARCHAR","event_id":"VARCHAR","feed":"VARCHAR","sequence":"UBIGINT","type":"VARCHAR","customer_id":"VARCHAR","payload":"VARCHAR","first_at":"BIGINT","attempts":"INTEGER","due_at":"BIGINT","died_at":"BIGINT","reason":"VARCHAR"}]'), recursive := true)
) AS given
SEMI JOIN webhook_receivers ON webhook_receivers.receiver_id = given.receiver_id
ANTI JOIN erased ON erased.what = 'customer' AND erased.hash = sha256($key || sha256($key || given.customer_id));
