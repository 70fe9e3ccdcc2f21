-- One row is a survey that was planned for a customer, whenever it is to be sent, but not before $since.
SELECT customer_id, survey_id, send_from, expires_at, channel
FROM planned_surveys
WHERE customer_id IN (SELECT unnest($customers)) AND send_from >= $since
ORDER BY customer_id, send_from, survey_id
