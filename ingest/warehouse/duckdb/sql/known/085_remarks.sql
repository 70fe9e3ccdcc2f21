-- remark_hash(form, declared, said): the key of a remark; form is comment or tag.
CREATE OR REPLACE MACRO remark_hash(form, declared, said) AS
  md5(form || chr(31) || coalesce(declared, '') || chr(31) || said);

-- is_unhappy(kind, score): the answer is a detractor's.
CREATE OR REPLACE MACRO is_unhappy(kind, score) AS
  CASE kind
    WHEN 'nps' THEN score <= 6
    WHEN 'csat' THEN score <= 2
    WHEN 'rating' THEN score <= 2
    WHEN 'ces' THEN score <= 3
    WHEN 'sentiment' THEN score < -0.3
    ELSE false
  END;

-- remarks_known(t): one row is a comment, tag or topic as known at t. is_unhappy says that the answer that it stands in
-- is a detractor's; it is false for those of tickets, whose tags count from when they were settled.
CREATE OR REPLACE MACRO remarks_known(t) AS TABLE
SELECT
  'responses' AS kind, response_id AS id, customer_id, answered_at AS said_at, known_at, order_id, ticket_id,
  'comment' AS form, language AS declared, comment AS said, is_unhappy(r.kind, r.score) AS is_unhappy, load_id, source_line
FROM responses_known(t) AS r
WHERE trim(comment) <> ''
UNION ALL
SELECT
  'responses', response_id, customer_id, answered_at, known_at, order_id, ticket_id,
  'tag', NULL, unnest(tags), is_unhappy(r.kind, r.score), load_id, source_line
FROM responses_known(t) AS r
WHERE len(tags) > 0
UNION ALL
SELECT
  'tickets', ticket_id, customer_id, opened_at, greatest(known_at, settled_at), order_id, ticket_id,
  'tag', NULL, unnest(tags), false, load_id, source_line
FROM tickets_known(t)
WHERE len(tags) > 0
UNION ALL
SELECT
  'tickets', ticket_id, customer_id, opened_at, known_at, order_id, ticket_id,
  'topic', NULL, topic, false, load_id, source_line
FROM tickets_known(t)
WHERE trim(topic) <> '';

-- complaints_known(t): one row is an answer or ticket that complains of a theme as known at t, by the worst of its
-- remarks about it: a comment that complains, or a detractor's comment or tag that names the theme, or a tag or topic of
-- a ticket. known_at is when the first of them was known; worded_at that of the first that is not the topic of a ticket,
-- NULL where nothing but the topic tells it.
CREATE OR REPLACE MACRO complaints_known(t) AS TABLE
WITH
-- One row is a remark and a theme that it speaks of.
mentions AS (
  SELECT
    r.*,
    m.sentiment,
    unnest(m.themes) AS theme,
    unnest(m.severities) AS severity
  FROM remarks_known(t) AS r
  JOIN remarks AS m
    ON m.remark = remark_hash(CASE r.form WHEN 'topic' THEN 'tag' ELSE r.form END, r.declared, r.said)
)
SELECT
  theme,
  kind,
  id,
  customer_id,
  said_at,
  min(known_at) AS known_at,
  min(known_at) FILTER (WHERE form <> 'topic') AS worded_at,
  any_value(order_id) AS order_id,
  any_value(ticket_id) AS ticket_id,
  greatest(max(severity), 1) AS severity,
  max(sentiment) AS sentiment,
  any_value(load_id) AS load_id,
  any_value(source_line) AS source_line
FROM mentions
WHERE severity > 0 OR is_unhappy OR kind = 'tickets'
GROUP BY theme, kind, id, customer_id, said_at;
