-- One row is a customer whose score rose over a level, or who began to drift, in a snapshot that is new: he was not there
-- before, or had fallen below the level that arms again in between.
WITH
-- One row is an instant for which scores were published; of several publications the last counts.
published AS (
  SELECT
    snapshots.snapshot,
    snapshots.run,
    score_runs.as_of,
    lag(snapshots.run) OVER (ORDER BY score_runs.as_of) AS run_before
  FROM snapshots
  JOIN score_runs ON score_runs.run = snapshots.run
  WHERE score_runs.as_of <= $until AND score_runs.as_of >= $since
  QUALIFY row_number() OVER (PARTITION BY score_runs.as_of ORDER BY snapshots.snapshot DESC) = 1
),
-- One row is one of them that was not looked at yet.
fresh AS (
  SELECT *
  FROM published
  WHERE (snapshot > $snapshot OR as_of > $from) AND (as_of >= $from OR as_of = (SELECT max(as_of) FROM published))
),
-- One row is a level that is asked for.
levels AS (
  SELECT unnest($playbooks) AS playbook, unnest($kinds) AS kind, unnest($above) AS above, unnest($rearm) AS rearm
),
-- One row is a customer above a level in a new snapshot who was not above it in the one before.
candidates AS (
  SELECT
    levels.*,
    fresh.as_of,
    now.customer_id,
    now.churn_probability
  FROM fresh
  CROSS JOIN levels
  JOIN scores AS now ON now.run = fresh.run
  LEFT JOIN scores AS former ON former.run = fresh.run_before AND former.customer_id = now.customer_id
  WHERE CASE levels.kind WHEN 'risk' THEN now.churn_probability >= levels.above ELSE now.drift = 'drifting' END
    AND NOT coalesce(CASE levels.kind WHEN 'risk' THEN former.churn_probability >= levels.above ELSE former.drift = 'drifting' END, false)
),
-- One row is a candidate with when he was above the level last, and below the one that arms again.
history AS (
  SELECT
    candidates.playbook,
    candidates.kind,
    candidates.as_of,
    candidates.customer_id,
    candidates.churn_probability,
    max(past.as_of) FILTER (
      WHERE CASE candidates.kind WHEN 'risk' THEN s.churn_probability >= candidates.above ELSE s.drift = 'drifting' END
    ) AS last_above,
    max(past.as_of) FILTER (
      WHERE CASE candidates.kind WHEN 'risk' THEN s.churn_probability < candidates.rearm ELSE s.drift IN ('stable', 'recovering') END
    ) AS last_below
  FROM candidates
  LEFT JOIN published AS past ON past.as_of < candidates.as_of
  LEFT JOIN scores AS s ON s.run = past.run AND s.customer_id = candidates.customer_id
  GROUP BY candidates.playbook, candidates.kind, candidates.as_of, candidates.customer_id, candidates.churn_probability
)
SELECT
  customer_id,
  kind || ':' || CAST(as_of AS VARCHAR) AS key,
  as_of AS happened_at,
  as_of AS visible_at,
  coalesce(churn_probability, 0) AS number,
  kind AS word,
  '' AS order_id,
  '' AS ticket_id,
  '' AS sku,
  false AS has_comment,
  '' AS theme,
  playbook AS level,
  CAST(NULL AS TIMESTAMP) AS promised_at,
  CAST(NULL AS TIMESTAMP) AS delivered_at
FROM history
WHERE last_above IS NULL OR last_below > last_above
ORDER BY happened_at, customer_id, key, level
