-- One row is a state of drift with the customers of a run that are in it, of those who may churn.
SELECT
  drift,
  count(*) AS customers
FROM scores
WHERE run = $run
  AND status <> 'not_eligible'
GROUP BY drift
ORDER BY drift;
