-- One row is a group of customers of whom several began to drift together in a snapshot that is new: at least so many
-- and such a share of those scored, which did not hold in the snapshot before. It stands for the most valuable of them.
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
-- One row is a grouping that is asked for.
groupings AS (
  SELECT unnest($playbooks) AS playbook, unnest($dimensions) AS dimension, unnest($least) AS least, unnest($shares) AS share
),
-- One row is a customer's row as it is known at the end; a group is no feature.
profiles AS (
  SELECT customer_id, company_id, channel, region, tier, industry, plan
  FROM customers
  WHERE known_at < $until
  QUALIFY row_number() OVER (PARTITION BY customer_id ORDER BY known_at DESC, tie DESC, row_hash DESC) = 1
),
-- One row is a customer and the group that he belongs to.
members AS (
  SELECT
    groupings.*,
    profiles.customer_id,
    CASE groupings.dimension
      WHEN 'company_id' THEN company_id
      WHEN 'channel' THEN channel
      WHEN 'region' THEN region
      WHEN 'tier' THEN tier
      WHEN 'industry' THEN industry
      WHEN 'plan' THEN plan
    END AS cohort
  FROM profiles
  CROSS JOIN groupings
),
-- One row is a group in a run.
counts AS (
  SELECT
    scores.run,
    members.playbook,
    members.dimension,
    members.cohort,
    any_value(members.least) AS least,
    any_value(members.share) AS share,
    count(*) FILTER (WHERE scores.drift <> 'silent') AS judged,
    count(*) FILTER (WHERE scores.drift = 'drifting') AS drifting,
    arg_max(scores.customer_id, (coalesce(scores.expected_value, 0), scores.customer_id)) FILTER (WHERE scores.drift = 'drifting') AS lead,
    string_agg(scores.customer_id, chr(31) ORDER BY scores.customer_id) FILTER (WHERE scores.drift = 'drifting') AS declining
  FROM members
  JOIN scores ON scores.customer_id = members.customer_id
  WHERE members.cohort <> ''
    AND (scores.run IN (SELECT run FROM fresh) OR scores.run IN (SELECT run_before FROM fresh))
  GROUP BY scores.run, members.playbook, members.dimension, members.cohort
),
-- One row is a group that declines together in a run.
declines AS (
  SELECT *
  FROM counts
  WHERE drifting >= least AND drifting >= share * judged
)
SELECT
  now.lead AS customer_id,
  now.dimension || '=' || now.cohort || ':' || CAST(fresh.as_of AS VARCHAR) AS key,
  fresh.as_of AS happened_at,
  fresh.as_of AS visible_at,
  CAST(now.drifting AS DOUBLE) AS number,
  now.dimension AS word,
  '' AS order_id,
  '' AS ticket_id,
  now.declining AS sku,
  false AS has_comment,
  now.cohort AS theme,
  now.playbook AS level,
  CAST(NULL AS TIMESTAMP) AS promised_at,
  CAST(NULL AS TIMESTAMP) AS delivered_at
FROM fresh
JOIN declines AS now ON now.run = fresh.run
LEFT JOIN declines AS former
  ON former.run = fresh.run_before
  AND former.playbook = now.playbook
  AND former.cohort = now.cohort
WHERE former.run IS NULL
ORDER BY happened_at, key, level
