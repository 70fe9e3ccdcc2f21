SELECT CAST(coalesce(max(sequence), 0) AS UBIGINT) AS sequence
FROM erased;
