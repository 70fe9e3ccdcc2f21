-- One row is a design in force at $as_of, the newest that was noted before. The holdout's arms stand in its own table.
SELECT
  experiment,
  max(run) AS run,
  arg_max(since, run) AS since,
  arg_max(playbook, run) AS playbook,
  arg_max(vary, run) AS vary,
  arg_max(measure, run) AS measure,
  arg_max(variants, run) AS variants,
  arg_max(content, run) AS content,
  0.0 AS held_out
FROM experiments
WHERE since < $as_of
GROUP BY experiment
UNION ALL
SELECT 'holdout', max(run), arg_max(since, run), '', '', '', '', '', arg_max(share, run)
FROM holdouts
WHERE since < $as_of
HAVING count(*) > 0
ORDER BY experiment
