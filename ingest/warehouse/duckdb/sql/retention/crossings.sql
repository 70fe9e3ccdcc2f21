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
-- One row is a customer's score that was made anew since the run that it amends, and what it was before.
amended AS (
  SELECT
    amended_scores.*,
    amendment > $snapshot OR as_of > $from AS is_fresh
  FROM amended_scores
  WHERE as_of <= $until AND as_of >= $since
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
  JOIN scores_as_published() AS now ON now.run = fresh.run
  LEFT JOIN scores_as_published() AS former ON former.run = fresh.run_before AND former.customer_id = now.customer_id
  -- What was said last before.
  LEFT JOIN (
    SELECT run, customer_id, arg_max(churn_probability, amendment) AS churn_probability, arg_max(drift, amendment) AS drift
    FROM amended
    GROUP BY run, customer_id
  ) AS latest ON latest.run = fresh.run_before AND latest.customer_id = now.customer_id
  WHERE CASE levels.kind WHEN 'risk' THEN now.churn_probability >= levels.above ELSE now.drift = 'drifting' END
    AND NOT coalesce(CASE levels.kind
      WHEN 'risk' THEN coalesce(latest.churn_probability, former.churn_probability) >= levels.above
      ELSE coalesce(latest.drift, former.drift) = 'drifting'
    END, false)
  UNION ALL
  SELECT
    levels.*,
    amended.as_of,
    amended.customer_id,
    amended.churn_probability
  FROM amended
  CROSS JOIN levels
  WHERE amended.is_fresh
    AND CASE levels.kind WHEN 'risk' THEN churn_probability >= levels.above ELSE drift = 'drifting' END
    AND NOT coalesce(CASE levels.kind WHEN 'risk' THEN former_probability >= levels.above ELSE former_drift = 'drifting' END, false)
),
-- One row is what was ever said of a customer.
said AS (
  SELECT published.as_of, s.customer_id, s.churn_probability, s.drift
  FROM published
  JOIN scores_as_published() AS s ON s.run = published.run
  SEMI JOIN candidates ON candidates.customer_id = s.customer_id
  UNION ALL
  SELECT as_of, customer_id, churn_probability, drift
  FROM amended
),
-- One row is a candidate with when he was above the level last, and below the one that arms again.
history AS (
  SELECT
    candidates.playbook,
    candidates.kind,
    candidates.as_of,
    candidates.customer_id,
    candidates.churn_probability,
    max(s.as_of) FILTER (
      WHERE CASE candidates.kind WHEN 'risk' THEN s.churn_probability >= candidates.above ELSE s.drift = 'drifting' END
    ) AS last_above,
    max(s.as_of) FILTER (
      WHERE CASE candidates.kind WHEN 'risk' THEN s.churn_probability < candidates.rearm ELSE s.drift IN ('stable', 'recovering') END
    ) AS last_below,
    -- What was said last of the risk.
    arg_max(s.churn_probability, s.as_of) AS last_probability
  FROM candidates
  LEFT JOIN said AS s ON s.customer_id = candidates.customer_id AND s.as_of < candidates.as_of
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
  coalesce(last_probability < churn_probability, false) AS has_comment, -- Here: that the risk rose.
  '' AS theme,
  playbook AS level,
  CAST(NULL AS TIMESTAMP) AS promised_at,
  CAST(NULL AS TIMESTAMP) AS delivered_at
FROM history
WHERE last_above IS NULL OR last_below > last_above
ORDER BY happened_at, customer_id, key, level
