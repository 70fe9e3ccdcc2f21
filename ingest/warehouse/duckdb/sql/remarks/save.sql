-- Rows come as one JSON array, so that a batch is one statement; what another call has saved meanwhile stays.
INSERT INTO remarks (remark, lexicon, language, sentiment, themes, severities)
SELECT
  given.hash,
  $lexicon,
  given.language,
  given.sentiment,
  given.themes,
  given.severities
FROM (
  SELECT unnest(from_json(CAST($rows AS JSON),
    '[{"hash":"VARCHAR","language":"VARCHAR","sentiment":"DOUBLE","themes":["VARCHAR"],"severities":["INTEGER"]}]')) AS given
)
ANTI JOIN remarks ON remarks.remark = given.hash
