package duckdb

import (
	"path/filepath"
	"syscall"

	"github.com/churnwatch/churnwatch/model"
)

// checkRoom refuses a write where less space is free beside the file than is to be
// kept. A log or a checkpoint that does not fit would invalidate the handle, and
// with it what everybody reads; a write that never begins harms nobody. What can't
// be asked is taken for roomy.
func (s *Store) checkRoom() error {
	if s.keepFree <= 0 || s.options.Path == "" {
		return nil
	}
	var disk syscall.Statfs_t
	if err := syscall.Statfs(filepath.Dir(s.options.Path), &disk); err != nil {
		return nil //nolint:nilerr // Some file systems do not tell.
	}
	if free := disk.Bavail * uint64(disk.Bsize); free < uint64(s.keepFree) {
		return model.Errorf(model.KindExhausted,
			"the disk is full: %d MB are free beside the database, and writing needs %d MB (database.keep_free): free some space; what is stored can be read meanwhile",
			free/1e6, s.keepFree/1e6)
	}
	return nil
}
