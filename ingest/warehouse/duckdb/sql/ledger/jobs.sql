-- One operation by its id, or the newest ones where it is empty.
SELECT operation_id, kind, status, steps, started_at, ended_at, code, error, result
FROM operations
WHERE $operation_id = '' OR operation_id = $operation_id
ORDER BY started_at DESC, operation_id
LIMIT CAST($most AS BIGINT);
