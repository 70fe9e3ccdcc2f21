-- customers_known(t): one row is a customer as known at t. A version counts when it occurred and was known before t;
-- tier, plan, owner, strategic and marketing_consent count from when the version was settled.
CREATE OR REPLACE MACRO customers_known(t) AS TABLE
WITH
-- One row is a customer with more than one stored version.
revised AS (
  SELECT DISTINCT customer_id
  FROM customers
  WHERE revision > 0
),
-- One row is a version that a newer one has replaced.
replaced AS (
  SELECT rowid AS version
  FROM customers
  SEMI JOIN revised USING (customer_id)
  WHERE known_at < t AND coalesce(signed_up_at < t, true)
  QUALIFY row_number() OVER (PARTITION BY customer_id ORDER BY known_at DESC, tie DESC, row_hash DESC) > 1
),
-- One row is the newest version of a customer.
newest AS (
  SELECT *
  FROM customers
  ANTI JOIN replaced ON replaced.version = customers.rowid
  WHERE known_at < t AND coalesce(signed_up_at < t, true)
)
SELECT
  customer_id,
  signed_up_at,
  company_id,
  channel,
  region,
  CASE WHEN settled_at < t THEN tier END AS tier,
  industry,
  CASE WHEN settled_at < t THEN plan END AS plan,
  first_name,
  language,
  time_zone,
  CASE WHEN settled_at < t THEN owner END AS owner,
  CASE WHEN settled_at < t THEN strategic END AS strategic,
  CASE WHEN settled_at < t THEN marketing_consent END AS marketing_consent,
  trial_ends_at,
  CASE WHEN cancelled_at < t THEN cancelled_at END AS cancelled_at,
  CASE WHEN settled_at < t THEN attributes END AS attributes,
  known_at,
  load_id,
  source_line
FROM newest;
