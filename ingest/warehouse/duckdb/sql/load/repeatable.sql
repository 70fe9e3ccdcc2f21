-- Whether an earlier load of the kind has refused rows.
SELECT EXISTS (SELECT 1 FROM quarantine WHERE kind = $kind AND load_id < CAST($load_id AS BIGINT))
