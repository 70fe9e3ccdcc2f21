-- One row: how many plans are kept.
SELECT count(*) AS plans
FROM survey_plans
