WITH
  -- One row is how many events wait for a receiver, and how many are dead.
  kept AS (
    SELECT
      receiver_id,
      count(*) FILTER (WHERE died_at IS NULL) AS waiting,
      count(*) FILTER (WHERE died_at IS NOT NULL) AS dead
    FROM webhook_undelivered
    GROUP BY receiver_id
  )
SELECT
  receivers.receiver_id,
  receivers.name,
  receivers.url,
  CAST(to_json(receivers.types) AS VARCHAR) AS types,
  receivers.created_at,
  receivers.state,
  receivers.reason,
  receivers.failing_since,
  receivers.last_success_at,
  coalesce(kept.waiting, 0) AS waiting,
  coalesce(kept.dead, 0) AS dead
FROM webhook_receivers AS receivers
LEFT JOIN kept ON kept.receiver_id = receivers.receiver_id
ORDER BY receivers.created_at, receivers.receiver_id;
