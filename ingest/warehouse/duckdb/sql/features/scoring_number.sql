-- One row: the number of a new run.
SELECT nextval('score_run_ids') AS run
