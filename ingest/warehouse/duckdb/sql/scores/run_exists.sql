SELECT count(*)
FROM score_runs
WHERE run = $run;
