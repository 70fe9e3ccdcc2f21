// Package ingest is the way of a file into the warehouse: it opens files,
// recognises their columns, hands clean chunks to the engine, and accounts for
// every row.
//
// A row that is read ends in exactly one of four places: loaded (the first
// version of its key), replaced (a new version), unchanged (its content was
// stored already) or quarantined (with file, line, column, reason and text).
// Files of one kind are units of their own, each whole or not at all; the
// files of a preset are one unit together.
package ingest
