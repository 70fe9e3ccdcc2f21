-- One row is a day (UTC) with facts of a kind, as known at an instant: how many, and for orders how many of them count.
WITH
-- One row is a fact and when it happened.
facts AS (
  SELECT 'contracts' AS kind, started_at AS occurred_at, true AS counts
  FROM contracts_known(CAST($as_of AS TIMESTAMP))
  UNION ALL
  SELECT 'orders', ordered_at, NOT is_void
  FROM orders_known(CAST($as_of AS TIMESTAMP))
  UNION ALL
  SELECT 'responses', answered_at, true
  FROM responses_known(CAST($as_of AS TIMESTAMP))
  UNION ALL
  SELECT 'tickets', opened_at, true
  FROM tickets_known(CAST($as_of AS TIMESTAMP))
  UNION ALL
  SELECT 'events', occurred_at, true
  FROM events_known(CAST($as_of AS TIMESTAMP))
  UNION ALL
  SELECT 'outreach', sent_at, true
  FROM outreach_known(CAST($as_of AS TIMESTAMP))
)
SELECT
  kind,
  CAST(occurred_at AS DATE) AS occurred_on,
  count(*) AS facts,
  count(*) FILTER (WHERE counts) AS counting
FROM facts
GROUP BY
  kind,
  occurred_on
ORDER BY
  kind,
  occurred_on;
