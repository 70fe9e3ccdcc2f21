-- order_versions(t): one row is a version of an order that was known before t, with what the version said before t.
-- superseded_at is when a newer version became known, NULL for the version that counts at t.
CREATE OR REPLACE MACRO order_versions(t) AS TABLE
WITH
-- One row is an order with more than one stored version.
revised AS (
  SELECT DISTINCT order_id
  FROM orders
  WHERE revision > 0
),
-- One row is a version of such an order, and when the next one became known.
followed AS (
  SELECT rowid AS version, lead(known_at) OVER (PARTITION BY order_id ORDER BY known_at, tie, row_hash) AS superseded_at
  FROM orders
  SEMI JOIN revised USING (order_id)
  WHERE known_at < t AND ordered_at < t
),
-- One row is a version of any order.
versions AS (
  SELECT orders.*, followed.superseded_at
  FROM orders
  LEFT JOIN followed ON followed.version = orders.rowid
  WHERE known_at < t AND ordered_at < t
)
SELECT
  order_id,
  customer_id,
  ordered_at,
  amount,
  currency,
  CASE WHEN settled_at < t THEN status END AS status,
  channel,
  shipping_method,
  discount_amount,
  promised_at,
  promise_ends_at,
  CASE WHEN delivered_at < t THEN delivered_at END AS delivered_at,
  CASE WHEN cancelled_at < t THEN cancelled_at END AS cancelled_at,
  CASE WHEN returned_at < t THEN returned_at END AS returned_at,
  CASE WHEN coalesce(returned_at, settled_at) < t THEN return_reason END AS return_reason,
  CASE WHEN coalesce(returned_at, settled_at) < t THEN refunded_amount END AS refunded_amount,
  sampling_weight,
  known_at,
  settled_at,
  superseded_at,
  load_id,
  source_line
FROM versions;

-- orders_known(t): one row is an order as known at t. is_void says that it does not count: cancelled, or seen to be
-- unpaid or cancelled, before it was delivered. A later return does not make it void.
CREATE OR REPLACE MACRO orders_known(t) AS TABLE
SELECT
  order_id,
  customer_id,
  ordered_at,
  amount,
  currency,
  status,
  channel,
  shipping_method,
  discount_amount,
  promised_at,
  promise_ends_at,
  delivered_at,
  cancelled_at,
  returned_at,
  return_reason,
  refunded_amount,
  sampling_weight,
  coalesce(cancelled_at < coalesce(delivered_at, t), false)
    OR (
      delivered_at IS NULL
      AND coalesce(list_contains([
        'cancelled', 'canceled', 'void', 'voided', 'unpaid', 'failed', 'payment_failed', 'declined', 'rejected', 'expired'
      ], lower(trim(status))), false)
    ) AS is_void,
  known_at,
  load_id,
  source_line
FROM order_versions(t)
WHERE superseded_at IS NULL;
