DELETE FROM score_reasons
WHERE run = $run;

DELETE FROM score_quality
WHERE run = $run;

DELETE FROM scores
WHERE run = $run;

DELETE FROM score_runs
WHERE run = $run;
