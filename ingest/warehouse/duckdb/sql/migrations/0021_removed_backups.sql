-- A copy of the database that is no more says since when: an erasure need not reach it.
ALTER TABLE backups ADD COLUMN removed_at TIMESTAMP;
