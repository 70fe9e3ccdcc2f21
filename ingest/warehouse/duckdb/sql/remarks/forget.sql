-- What was read with other lexicons is read anew.
DELETE FROM remarks
WHERE lexicon <> $lexicon
