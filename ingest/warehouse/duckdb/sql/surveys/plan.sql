-- One row is the plan that was kept for a day.
SELECT planned_at, plan
FROM survey_plans
WHERE day = CAST($day AS DATE)
