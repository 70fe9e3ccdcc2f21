-- One row says whether anything was read with other lexicons.
SELECT count(*) > 0
FROM remarks
WHERE lexicon <> $lexicon
