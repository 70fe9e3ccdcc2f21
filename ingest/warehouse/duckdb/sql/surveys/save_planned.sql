-- Rows come as one JSON array; instants in microseconds.
INSERT INTO planned_surveys (
  survey_id, day, customer_id, moment, kind, template, channel, cause, moment_at, send_from, send_until, expires_at,
  chosen_by, inclusion_probability, random_probability, value_of_answer, about
)
SELECT
  given.survey_id, CAST(given.day AS DATE), given.customer_id, given.moment, given.kind, given.template, given.channel, given.cause,
  make_timestamp(given.moment_at), make_timestamp(given.send_from), make_timestamp(given.send_until), make_timestamp(given.expires_at),
  given.chosen_by, given.inclusion_probability, given.random_probability, given.value_of_answer, given.about
FROM (
  SELECT unnest(from_json(CAST($rows AS JSON),
    '[{"survey_id":"VARCHAR","day":"VARCHAR","customer_id":"VARCHAR","moment":"VARCHAR","kind":"VARCHAR","template":"VARCHAR","channel":"VARCHAR","cause":"VARCHAR","moment_at":"BIGINT","send_from":"BIGINT","send_until":"BIGINT","expires_at":"BIGINT","chosen_by":"VARCHAR","inclusion_probability":"DOUBLE","random_probability":"DOUBLE","value_of_answer":"DOUBLE","about":"VARCHAR"}]')) AS given
)
