-- One row per answer before an instant and pain point behind it, ordered by customer, instant and id; the pain point's
-- columns are NULL for an answer without one. An incident counts as it was known when the answer was given.
WITH
-- One row is a customer with an answer: how many answers those up to him in the order of the hash have given.
sample AS (
  SELECT
    customer_id,
    sum(count(*)) OVER (ORDER BY md5(CAST($seed AS VARCHAR) || ' ' || customer_id), customer_id) AS answers_so_far
  FROM responses_known(CAST($as_of AS TIMESTAMP))
  GROUP BY customer_id
),
-- One row is an answer.
answers AS MATERIALIZED (
  SELECT
    r.response_id,
    r.customer_id,
    r.answered_at,
    r.kind,
    r.score,
    r.order_id,
    r.ticket_id,
    coalesce(o.sampling_weight, 1) AS weight
  FROM responses_known(CAST($as_of AS TIMESTAMP)) AS r
  JOIN sample AS s ON s.customer_id = r.customer_id
  LEFT JOIN orders_known(CAST($as_of AS TIMESTAMP)) AS o ON o.order_id = r.order_id
  WHERE CAST($max_rows AS BIGINT) = 0 OR s.answers_so_far <= CAST($max_rows AS BIGINT)
),
-- One row is an incident as one version told it; position is that of its pain point in the list asked for.
incidents AS MATERIALIZED (
  SELECT *, list_position(CAST($painpoints AS VARCHAR[]), painpoint) AS position
  FROM incident_versions(CAST($as_of AS TIMESTAMP))
  WHERE list_contains(CAST($painpoints AS VARCHAR[]), painpoint)
),
-- One row is an answer and an incident that it may be about: of its order, of its ticket, or else of the customer in
-- the days before.
candidates AS (
  SELECT a.response_id, a.answered_at, i.*
  FROM answers AS a
  JOIN incidents AS i ON i.order_id = a.order_id
  UNION ALL
  SELECT a.response_id, a.answered_at, i.*
  FROM answers AS a
  JOIN incidents AS i ON i.ticket_id = a.ticket_id
  WHERE coalesce(i.order_id <> a.order_id, true)
  UNION ALL
  SELECT a.response_id, a.answered_at, i.*
  FROM answers AS a
  JOIN incidents AS i
    ON i.customer_id = a.customer_id
    AND i.occurred_at >= a.answered_at - CAST($window_days AS INTEGER) * INTERVAL 1 DAY
    AND i.occurred_at < a.answered_at
  WHERE a.order_id IS NULL AND a.ticket_id IS NULL
),
-- One row is an answer and a pain point behind it.
exposures AS (
  SELECT
    response_id,
    position,
    count(*) AS incidents,
    sum(coalesce(severity_at(answered_at, severity_since, severity_until, severity_step, severity_ceiling), 0)) AS severity,
    max(occurred_at) AS latest_at
  FROM candidates
  WHERE occurred_at < answered_at
    AND known_at < answered_at
    AND NOT coalesce(superseded_at < answered_at, false)
  GROUP BY response_id, position
)
SELECT
  a.response_id,
  a.customer_id,
  a.answered_at,
  a.kind,
  a.score,
  a.weight,
  e.position,
  CAST(e.incidents AS DOUBLE) AS incidents,
  CAST(e.severity AS DOUBLE) AS severity,
  (epoch_us(a.answered_at) - epoch_us(e.latest_at)) / 86400e6 AS latest_days
FROM answers AS a
LEFT JOIN exposures AS e ON e.response_id = a.response_id
ORDER BY a.customer_id, a.answered_at, a.response_id, e.position
