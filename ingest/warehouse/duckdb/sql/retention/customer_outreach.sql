-- One row is a message since $since: as first known, and when each outcome was known.
SELECT
  customer_id,
  outreach_id,
  arg_min(kind, known_at) AS kind,
  coalesce(arg_min(trigger_id, known_at), '') AS trigger_id,
  coalesce(arg_min(channel, known_at), '') AS channel,
  coalesce(arg_min(template, known_at), '') AS template,
  coalesce(arg_min(offer, known_at), '') AS offer,
  min(sent_at) AS sent_at,
  min(greatest(sent_at, known_at)) AS visible_at,
  min(greatest(replied_at, known_at)) FILTER (WHERE replied_at < $until AND known_at < $until) AS replied_at,
  min(greatest(converted_at, known_at)) FILTER (WHERE converted_at < $until AND known_at < $until) AS converted_at,
  min(greatest(resolved_at, known_at)) FILTER (WHERE resolved_at < $until AND known_at < $until) AS resolved_at
FROM outreach
WHERE customer_id IN (SELECT unnest($customers)) AND sent_at >= $since AND sent_at < $until AND known_at < $until
GROUP BY customer_id, outreach_id
ORDER BY customer_id, sent_at, outreach_id
