DELETE FROM operations
WHERE operation_id = $operation_id;
INSERT INTO operations (operation_id, kind, status, steps, started_at, ended_at, code, error, result)
VALUES (
  $operation_id, $kind, $status, $steps, CAST($started_at AS TIMESTAMP), CAST($ended_at AS TIMESTAMP), $code, $error, $result
);
