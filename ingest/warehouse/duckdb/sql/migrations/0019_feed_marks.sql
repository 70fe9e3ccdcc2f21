-- One row says that a feed has had numbers up to this one, though its rows may be gone: numbers are never given twice.
CREATE TABLE feed_marks (
  feed     VARCHAR NOT NULL,
  sequence UBIGINT NOT NULL
);
