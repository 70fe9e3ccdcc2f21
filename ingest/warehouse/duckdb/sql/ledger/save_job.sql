-- Stores an operation, and lets go of the imports that nobody is told of any more.
DELETE FROM operations
WHERE operation_id = $operation_id
  OR kind = $import AND ended_at < CAST($before AS TIMESTAMP);
INSERT INTO operations (operation_id, kind, status, steps, started_at, ended_at, code, error, result)
VALUES (
  $operation_id, $kind, $status, $steps, CAST($started_at AS TIMESTAMP), CAST($ended_at AS TIMESTAMP), $code, $error, $result
);
