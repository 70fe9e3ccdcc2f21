-- A row that was refused before in the same way is kept once, with the newest load.
DELETE FROM quarantine AS old
USING quarantine AS again
WHERE again.load_id = $load_id
  AND old.load_id < $load_id
  AND old.kind = $kind
  AND again.kind = $kind
  AND old.file = again.file
  AND old.line = again.line
  AND old.column_name = again.column_name
  AND old.reason = again.reason
  AND old.raw = again.raw
