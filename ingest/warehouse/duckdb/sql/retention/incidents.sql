-- One row is an incident of a pain point, with its severity when it was first known. What a ticket's first version says
-- without a date (that it was reopened, or the mood) happened when its last date says; a later version tells news.
WITH
-- One row is an incident as it was first known.
first_known AS (
  SELECT
    *,
    greatest(occurred_at, known_at) AS visible_at,
    coalesce(order_id, ticket_id, CAST(epoch_us(occurred_at) AS VARCHAR)) AS of
  FROM incident_versions($until)
  WHERE painpoint IN (SELECT unnest($painpoints))
    AND occurred_at >= $oldest
    AND coalesce(superseded_at > greatest(occurred_at, known_at), true)
  QUALIFY row_number() OVER (
    PARTITION BY painpoint, customer_id, of ORDER BY greatest(occurred_at, known_at), known_at, load_id, source_line
  ) = 1
),
-- One row is an incident of a ticket, with the load that told of the ticket first and the last date that it gave then.
told AS (
  SELECT
    first_known.painpoint,
    first_known.customer_id,
    first_known.of,
    tickets.load_id,
    greatest(
      tickets.opened_at,
      CASE WHEN tickets.first_replied_at <= first_known.visible_at THEN tickets.first_replied_at ELSE tickets.opened_at END,
      CASE WHEN tickets.resolved_at <= first_known.visible_at THEN tickets.resolved_at ELSE tickets.opened_at END
    ) AS last_dated_at
  FROM first_known
  INNER JOIN tickets ON tickets.ticket_id = first_known.ticket_id AND tickets.known_at <= first_known.visible_at
  QUALIFY row_number() OVER (
    PARTITION BY first_known.painpoint, first_known.customer_id, first_known.of
    ORDER BY tickets.load_id, tickets.known_at, tickets.source_line
  ) = 1
)
SELECT
  first_known.customer_id,
  first_known.painpoint || ':' || first_known.of AS key,
  CASE
    WHEN first_known.painpoint IN ('reopened_ticket', 'negative_sentiment') AND told.load_id = first_known.load_id
    THEN least(first_known.occurred_at, told.last_dated_at)
    ELSE first_known.occurred_at
  END AS happened_at,
  first_known.visible_at,
  CAST(coalesce(severity_at(first_known.visible_at, severity_since, severity_until, severity_step, severity_ceiling), 0) AS DOUBLE) AS number,
  first_known.painpoint AS word,
  coalesce(first_known.order_id, '') AS order_id,
  coalesce(first_known.ticket_id, '') AS ticket_id,
  '' AS sku,
  false AS has_comment,
  '' AS theme,
  '' AS level,
  o.promised_at,
  CASE WHEN o.delivered_at < first_known.visible_at THEN o.delivered_at END AS delivered_at
FROM first_known
LEFT JOIN told USING (painpoint, customer_id, of)
LEFT JOIN orders_known($until) AS o ON o.order_id = first_known.order_id
WHERE visible_at < $until AND (visible_at >= $from OR first_known.load_id > $load)
ORDER BY visible_at, first_known.customer_id, key
