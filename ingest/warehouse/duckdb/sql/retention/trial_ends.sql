-- One row is the end of a customer's trial, as first known.
WITH
first_known AS (
  SELECT *, greatest(trial_ends_at, known_at, coalesce(signed_up_at, known_at)) AS visible_at
  FROM customers
  WHERE trial_ends_at >= $oldest AND trial_ends_at < $until
  QUALIFY row_number() OVER (
    PARTITION BY customer_id, trial_ends_at ORDER BY greatest(trial_ends_at, known_at, coalesce(signed_up_at, known_at)), known_at DESC, tie DESC, row_hash DESC
  ) = 1
)
SELECT
  customer_id,
  CAST(CAST(trial_ends_at AS DATE) AS VARCHAR) AS key,
  trial_ends_at AS happened_at,
  visible_at,
  CAST(0 AS DOUBLE) AS number,
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
