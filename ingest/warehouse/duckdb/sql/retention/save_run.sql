INSERT INTO retention_runs (run, from_at, to_at, since, load_id, snapshot, ran_at, playbooks)
VALUES ($run, $from, $to, $since, $load, $snapshot, $ran_at, $playbooks)
