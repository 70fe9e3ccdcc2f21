-- One row is a planned survey of a day or of a customer ('' is any), in the order of sending.
SELECT
  survey_id,
  strftime(day, '%Y-%m-%d') AS day,
  customer_id,
  moment,
  kind,
  template,
  channel,
  cause,
  moment_at,
  send_from,
  send_until,
  expires_at,
  chosen_by,
  inclusion_probability,
  random_probability,
  value_of_answer,
  about
FROM planned_surveys
WHERE ($day = '' OR day = try_cast(CAST($day AS VARCHAR) AS DATE))
  AND ($customer = '' OR customer_id = $customer)
ORDER BY send_from, customer_id, survey_id
