package duckdb

import (
	"errors"
	"io/fs"
	"os"

	"github.com/churnwatch/churnwatch/model"
)

// magic stands in every DuckDB file behind a checksum of 8 bytes.
const (
	magic   = "DUCK"
	magicAt = 8
)

// checkFile refuses a file that is not a database. DuckDB itself would open a
// CSV or JSON file as a database in memory, and lose what is written to it.
func checkFile(path string) error {
	if path == "" {
		return nil
	}
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return model.Errorf(model.KindInvalid, "open database: %w", err)
	}
	defer func() { _ = file.Close() }() // It was only read.
	head := make([]byte, magicAt+len(magic))
	if n, _ := file.ReadAt(head, 0); n == 0 || n == len(head) && string(head[magicAt:]) == magic {
		return nil
	}
	return model.Errorf(model.KindInvalid, "%s is not a database: choose another file with --db", path)
}
