-- One row is what a distinct remark (a comment, tag or topic) says, whoever wrote it; it holds no text.
--
-- remark      hash of the remark and its declared language, see remark_hash
-- lexicon     checksum of the lexicons that it was read with
-- sentiment   -1 to 1, NULL where it is not scored
-- themes, severities   belong together by position; severity 1 to 3 for a complaint, 0 where a theme is only named
CREATE TABLE remarks (
  remark     VARCHAR NOT NULL,
  lexicon    VARCHAR NOT NULL,
  language   VARCHAR NOT NULL,
  sentiment  DOUBLE,
  themes     VARCHAR[] NOT NULL,
  severities INTEGER[] NOT NULL
);
