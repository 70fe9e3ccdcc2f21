package ingest

import (
	"fmt"
	"os"
	"path/filepath"
)

// Sweep removes what imports that were killed left in the spool. Whoever owns
// the database calls it before the first import.
func Sweep(spool string) error {
	left, err := filepath.Glob(filepath.Join(spool, WorkspacePattern))
	if err != nil {
		return fmt.Errorf("sweep the spool: %w", err)
	}
	for _, dir := range left {
		if err := os.RemoveAll(dir); err != nil {
			return fmt.Errorf("sweep the spool: %w", err)
		}
	}
	return nil
}
