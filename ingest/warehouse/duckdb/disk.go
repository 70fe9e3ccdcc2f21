package duckdb

import (
	"path/filepath"
	"syscall"

	"github.com/churnwatch/churnwatch/model"
)

// leftOfReserve is the part of the space kept free, one in so many, that no write
// uses up.
const leftOfReserve = 4

// CheckRoom refuses what needs to write where less space is free beside the file
// than is to be kept.
func (s *Store) CheckRoom() error { return s.checkFree(s.keepFree) }

// checkFree refuses a write where fewer bytes are free beside the file. A log or a
// checkpoint that does not fit would invalidate the handle, and with it what
// everybody reads; a write that never begins harms nobody. What can't be asked is
// taken for roomy.
func (s *Store) checkFree(least int64) error {
	if least <= 0 || s.options.Path == "" {
		return nil
	}
	return s.checkFreeIn(filepath.Dir(s.options.Path), least)
}

// checkFreeIn is checkFree for any folder.
func (s *Store) checkFreeIn(folder string, least int64) error {
	var disk syscall.Statfs_t
	if err := syscall.Statfs(folder, &disk); err != nil {
		return nil //nolint:nilerr // Some file systems do not tell.
	}
	if free := disk.Bavail * uint64(disk.Bsize); free < uint64(least) {
		return model.Errorf(model.KindExhausted,
			"the disk is full: %d MB are free beside the database, and this needs %d MB (database.keep_free is %d MB): free some space; what is stored can be read meanwhile",
			free/1e6, least/1e6, s.options.KeepFree/1e6)
	}
	return nil
}
