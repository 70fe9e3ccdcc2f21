-- The holdout, where it is another one than before.
INSERT INTO holdouts (run, salt, share, since)
SELECT $run, $salt, $share, $since
WHERE coalesce((SELECT arg_max(salt, run) <> $salt OR arg_max(share, run) <> $share FROM holdouts), true)
