-- One row is a distinct remark that was not read yet, in the order of their hashes.
WITH
-- One row is a remark in a version of an answer or ticket.
said AS (
  SELECT 'comment' AS form, language AS declared, comment AS text
  FROM responses
  WHERE trim(comment) <> ''
  UNION ALL
  SELECT 'tag', NULL, unnest(tags)
  FROM responses
  WHERE len(tags) > 0
  UNION ALL
  SELECT 'tag', NULL, unnest(tags)
  FROM tickets
  WHERE len(tags) > 0
  UNION ALL
  SELECT 'tag', NULL, topic
  FROM tickets
  WHERE trim(topic) <> ''
),
-- One row is a distinct remark.
hashed AS (
  SELECT
    remark_hash(form, declared, text) AS remark,
    any_value(coalesce(declared, '')) AS declared,
    any_value(text) AS text,
    any_value(form = 'tag') AS is_tag
  FROM said
  WHERE text IS NOT NULL
  GROUP BY remark
)
SELECT
  remark,
  declared,
  text,
  is_tag
FROM hashed
ANTI JOIN remarks USING (remark)
ORDER BY remark
LIMIT CAST($limit AS BIGINT)
