-- One row is the newest run of the playbooks, with the holdout then in force.
SELECT
  run, from_at, to_at, since, load_id, snapshot, ran_at, playbooks,
  coalesce((SELECT arg_max(salt, run) FROM holdouts), '') AS salt,
  coalesce((SELECT arg_max(share, run) FROM holdouts), 0) AS share
FROM retention_runs
ORDER BY run DESC
LIMIT 1
