package duckdb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/churnwatch/churnwatch/model"
)

const (
	// copyName is what files that Compact and Backup make in the spool begin with.
	copyName = "copy-"
	// swapTries is how often Compact asks readers to make way, swapPatience how
	// long it keeps new ones waiting each time, and swapPause how long it lets
	// them go on in between.
	swapTries    = 20
	swapPatience = 2 * time.Second
	swapPause    = time.Second
)

// Compact copies the database into a fresh file that takes the place of the
// old one, so that the bytes of deleted rows are gone. Readers go on while it
// copies, and wait for the moment of the change; writers wait for all of it.
// A database in memory, or one without a spool, is left as it is: false.
func (s *Store) Compact(ctx context.Context) (bool, error) {
	if s.options.Path == "" || s.options.SpoolDirectory == "" {
		return false, nil
	}
	select {
	case s.writing <- struct{}{}:
		defer func() { <-s.writing }()
	case <-ctx.Done():
		return false, ctx.Err()
	}
	err := s.checkCopy()
	var fresh string
	if err == nil {
		fresh, err = s.copyOut(ctx)
	}
	if err == nil {
		err = s.replaceBy(ctx, fresh)
	}
	if err == nil {
		err = s.transact(ctx, s.settleDue)
	}
	if err != nil {
		return false, fmt.Errorf("copy the database into a fresh file: %w", err)
	}
	return true, nil
}

// compactIfRoom is Compact where a full disk is no error: the copy stays due.
func (s *Store) compactIfRoom(ctx context.Context) (bool, error) {
	done, err := s.Compact(ctx)
	if model.KindOf(err) == model.KindExhausted {
		s.options.Logger.LogAttrs(ctx, slog.LevelWarn, "no room for a fresh copy of the database: erased bytes stay in the file until the next start or erasure",
			slog.Any("error", err))
		return false, nil
	}
	return done, err
}

// checkCopy refuses a copy in the spool that would leave less space than is to be
// kept free. It is as large as the file at most.
func (s *Store) checkCopy() error {
	file, err := os.Stat(s.options.Path)
	if err != nil || s.options.KeepFree <= 0 {
		return err
	}
	return s.checkFreeIn(s.options.SpoolDirectory, file.Size()+s.options.KeepFree)
}

// copyOut copies the database into a new file of the spool and returns its
// path. The caller removes it.
func (s *Store) copyOut(ctx context.Context) (path string, err error) {
	select {
	case s.copying <- struct{}{}:
		defer func() { <-s.copying }()
	case <-ctx.Done():
		return "", ctx.Err()
	}
	folder, err := os.MkdirTemp(s.options.SpoolDirectory, copyName)
	if err != nil {
		return "", kinded(err)
	}
	path = filepath.Join(folder, "fresh.duckdb")
	defer func() {
		if err != nil {
			_ = os.RemoveAll(folder) // What failed before says more.
		}
	}()
	db, err := s.acquire(ctx)
	if err != nil {
		return "", err
	}
	defer func() { s.release(err) }()
	var name string
	if _, err := one(ctx, db, s.queries.Script("store/name"), []any{&name}); err != nil {
		return "", kinded(err)
	}
	script, err := s.queries.Render("store/copy", struct{ Path, From string }{path, name})
	if err != nil {
		return "", err
	}
	_, failed := run(ctx, db, script)
	_, detached := run(context.WithoutCancel(ctx), db, s.queries.Script("store/copied"))
	if err := errors.Join(failed, detached); err != nil {
		return "", kinded(err)
	}
	return path, synced(path)
}

// synced makes sure that a file is on the disk.
func synced(path string) error {
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(file.Sync(), os.Chmod(path, 0o600), file.Close())
}

// settleDue notes that nothing waits for a copy any more. The caller holds the
// one right to write.
func (s *Store) settleDue(tx *sql.Tx) error {
	ctx := context.Background() // The copy is made: this belongs to it.
	if _, err := run(ctx, tx, s.queries.Script("people/settle_due")); err != nil {
		return err
	}
	return tx.Commit()
}

// compactDue copies a database that an erasure left uncopied, as where the
// program was killed in between, or the disk was full.
func (s *Store) compactDue(ctx context.Context) error {
	due := 0
	err := s.read(ctx, func(tx *sql.Tx) error {
		_, err := one(ctx, tx, s.queries.Script("people/due"), []any{&due})
		return err
	})
	if err != nil || due == 0 {
		return err
	}
	_, err = s.compactIfRoom(ctx)
	return err
}

// sweepCopies removes what a copy left in the spool that was cut short. The
// caller holds the database.
func (s *Store) sweepCopies() error {
	if s.options.SpoolDirectory == "" {
		return nil
	}
	left, err := filepath.Glob(filepath.Join(s.options.SpoolDirectory, copyName+"*"))
	for _, folder := range left {
		err = errors.Join(err, os.RemoveAll(folder))
	}
	return model.Wrap(model.KindInternal, "sweep the spool", err)
}

// replaceBy puts another file in the place of the database and opens it. The
// caller holds the one right to write. The file is moved, or removed.
func (s *Store) replaceBy(ctx context.Context, path string) error {
	defer func() { _ = os.RemoveAll(filepath.Dir(path)) }()
	for try := 1; ; try++ {
		done, err := s.swap(ctx, path)
		if done || err != nil {
			return err
		}
		if try == swapTries {
			return model.Errorf(model.KindConflict, "long reads are under way: try again when they are over")
		}
		select {
		case <-time.After(swapPause):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// swap waits a while until nobody reads, with new readers waiting, and then
// changes the files.
func (s *Store) swap(ctx context.Context, path string) (done bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return false, model.Errorf(model.KindUnavailable, "the database is closed")
	}
	gate := make(chan struct{})
	s.swapping = gate
	defer func() {
		s.swapping = nil
		close(gate)
	}()
	late := false
	timer := time.AfterFunc(swapPatience, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		late = true
		s.idle.Broadcast()
	})
	defer timer.Stop()
	for s.users > 0 && !late {
		s.idle.Wait()
	}
	if s.users > 0 {
		return false, nil
	}
	return true, s.exchange(ctx, path)
}

// exchange closes the database, puts the file in its place and opens it. The
// caller holds mu and nobody uses db. What fails leaves the old file.
func (s *Store) exchange(ctx context.Context, path string) error {
	ctx = context.WithoutCancel(ctx) // Half a change would leave no database.
	if s.db != nil && !s.dead {
		if _, err := run(ctx, s.db, s.queries.Script("store/checkpoint")); err != nil {
			return kinded(err)
		}
	}
	if s.db != nil {
		_ = s.db.Close() // All of it is in the file that takes its place.
		s.db = nil
	}
	s.dead = true // Until it is open again.
	moved := os.Rename(path, s.options.Path)
	if moved == nil {
		moved = errors.Join(removeWAL(s.options.Path), syncedFolder(filepath.Dir(s.options.Path)))
	}
	db, err := s.connect(ctx)
	if err != nil {
		return errors.Join(moved, err)
	}
	s.db, s.dead = db, false
	s.options.Logger.Info("database copied into a fresh file", slog.Bool("replaced", moved == nil))
	return moved
}

// removeWAL removes a log that belongs to a file that is gone.
func removeWAL(path string) error {
	if err := os.Remove(path + ".wal"); !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

// syncedFolder makes sure that the names in a folder are on the disk.
func syncedFolder(path string) error {
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}
