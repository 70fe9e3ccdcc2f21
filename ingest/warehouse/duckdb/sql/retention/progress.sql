-- One row is the newest run of the playbooks.
SELECT run, from_at, to_at, since, load_id, snapshot, ran_at, playbooks
FROM retention_runs
ORDER BY run DESC
LIMIT 1
