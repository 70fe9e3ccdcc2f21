-- What imports tell may name a customer: why rows were refused, and why one failed. Their counts stay.
UPDATE operations
SET
  error = CASE WHEN error IS NULL THEN NULL ELSE $detail END,
  result = CASE WHEN result IS NULL THEN NULL ELSE CAST(json_merge_patch(CAST(result AS JSON),
    '{"examples":null,"warnings":null,"unmapped_columns":[],"attribute_columns":null}') AS VARCHAR) END
WHERE kind = 'import'
  AND (contains(lower(result), lower($customer)) OR contains(lower(error), lower($customer)))
