-- One row is a version of a customer's row, oldest first. A first version without a date counts from the beginning.
SELECT
  customer_id,
  CASE WHEN revision = 0 AND signed_up_at IS NULL THEN TIMESTAMP '1970-01-01' ELSE known_at END AS counts_from,
  marketing_consent,
  coalesce(strategic, false) AS strategic,
  coalesce(time_zone, '') AS time_zone,
  coalesce(tier, '') AS tier,
  coalesce(channel, '') AS channel,
  coalesce(region, '') AS region,
  coalesce(owner, '') AS owner,
  coalesce(first_name, '') AS first_name,
  coalesce(language, '') AS language,
  coalesce(company_id, '') AS company_id,
  signed_up_at
FROM customers
WHERE customer_id IN (SELECT unnest($customers)) AND (known_at < $until OR revision = 0 AND signed_up_at IS NULL)
ORDER BY customer_id, counts_from, known_at, tie, row_hash
