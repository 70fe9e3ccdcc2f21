-- One row is a design as it was noted last before $as_of: in force, or over since ended_at. The holdout's arms stand in its
-- own table.
SELECT
  experiment,
  run,
  min(since) OVER (PARTITION BY experiment, run) AS since,
  CASE WHEN is_over THEN since END AS ended_at,
  playbook,
  vary,
  measure,
  variants,
  content,
  0.0 AS held_out
FROM experiments
WHERE since < $as_of
QUALIFY row_number() OVER (PARTITION BY experiment ORDER BY noted DESC) = 1
UNION ALL
SELECT 'holdout', max(run), arg_max(since, run), NULL, '', '', '', '', '', arg_max(share, run)
FROM holdouts
WHERE since < $as_of
HAVING count(*) > 0
ORDER BY experiment
