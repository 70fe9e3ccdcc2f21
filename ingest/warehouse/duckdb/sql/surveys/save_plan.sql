INSERT INTO survey_plans (day, planned_at, plan)
VALUES (CAST($day AS DATE), $planned_at, $plan)
