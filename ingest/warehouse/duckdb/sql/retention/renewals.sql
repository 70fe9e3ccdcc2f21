-- One row is the moment some days before a running contract renews.
WITH
-- One row is a version of a contract, with when the next one became known.
versions AS (
  SELECT *, lead(known_at) OVER (PARTITION BY contract_id ORDER BY known_at, tie, row_hash) AS superseded_at
  FROM contracts
),
-- One row is such a moment as a version says it.
moments AS (
  SELECT
    v.*,
    d.days,
    v.renews_at - to_days(CAST(d.days AS INTEGER)) AS happened_at,
    greatest(v.renews_at - to_days(CAST(d.days AS INTEGER)), v.known_at, v.settled_at, v.started_at) AS visible_at
  FROM versions AS v
  CROSS JOIN (SELECT unnest($days) AS days) AS d
  WHERE v.renews_at IS NOT NULL
),
-- One row is a moment as it was first known, of a contract that ran then.
first_known AS (
  SELECT *
  FROM moments
  WHERE happened_at >= $oldest
    AND visible_at < renews_at
    AND coalesce(superseded_at > visible_at, true)
    AND coalesce(cancelled_at > visible_at, true)
    AND coalesce(ends_at > visible_at, true)
  QUALIFY row_number() OVER (PARTITION BY contract_id, renews_at, days ORDER BY visible_at, known_at, tie DESC, row_hash DESC) = 1
)
SELECT
  customer_id,
  contract_id || ':' || CAST(CAST(renews_at AS DATE) AS VARCHAR) || ':' || CAST(days AS VARCHAR) AS key,
  happened_at,
  visible_at,
  CAST(days AS DOUBLE) AS number,
  '' AS word,
  '' AS order_id,
  '' AS ticket_id,
  '' AS sku,
  false AS has_comment,
  '' AS theme,
  '' AS level,
  CAST(NULL AS TIMESTAMP) AS promised_at,
  CAST(NULL AS TIMESTAMP) AS delivered_at
FROM first_known
WHERE visible_at < $until AND (visible_at >= $from OR load_id > $load)
ORDER BY visible_at, customer_id, key
