-- Fails in a transaction that an earlier error has aborted.
SELECT 1;
