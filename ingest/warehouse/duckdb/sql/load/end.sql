DROP TABLE IF EXISTS load_incoming;
DROP TABLE IF EXISTS load_fresh;
DROP TABLE IF EXISTS load_contested;
DROP TABLE IF EXISTS load_versions;
DROP TABLE IF EXISTS load_seen;
DROP TABLE IF EXISTS load_lines
