-- One row is what must not come back: a customer who was erased, or an order of his, by its keyed hash. Rows are only
-- appended.
CREATE TABLE erased (
  what      VARCHAR NOT NULL,
  hash      VARCHAR NOT NULL,
  erased_at TIMESTAMP NOT NULL
);

-- One row is a copy of this database that was made, and that an erasure can't reach.
CREATE TABLE backups (
  path    VARCHAR NOT NULL,
  made_at TIMESTAMP NOT NULL
);
