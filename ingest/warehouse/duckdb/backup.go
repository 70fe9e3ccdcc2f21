package duckdb

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/churnwatch/churnwatch/model"
)

// Backup writes a consistent copy of the database, while others read and write,
// and notes where it goes: an erasure can't reach it there.
func (s *Store) Backup(ctx context.Context, to io.Writer, name string, at time.Time) error {
	if s.options.SpoolDirectory == "" {
		return model.Errorf(model.KindInvalid, "backup: there is no spool to copy the database into")
	}
	path, err := s.copyOut(ctx)
	if err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	defer func() { _ = os.RemoveAll(filepath.Dir(path)) }() // Left there it goes at the next start.
	err = s.write(ctx, func(tx *sql.Tx) error {
		_, err := run(ctx, tx, s.queries.Script("people/save_backup"), sql.Named("path", name), sql.Named("made_at", at.UTC()))
		return err
	})
	if err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	file, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	defer func() { _ = file.Close() }() // It was only read.
	if _, err := io.Copy(to, file); err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	return nil
}

// RemoveBackup notes that a copy is no more: receipts of erasures list it no
// longer. It is KindNotFound where none was noted.
func (s *Store) RemoveBackup(ctx context.Context, name string, at time.Time) error {
	err := s.writeReserved(ctx, func(tx *sql.Tx) error {
		n, err := run(ctx, tx, s.queries.Script("people/remove_backup"), sql.Named("path", name), sql.Named("at", at.UTC()))
		if err == nil && n == 0 {
			err = model.Errorf(model.KindNotFound, "no copy is noted there: the receipt of an erasure lists those that are")
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("removed backup %s: %w", name, err)
	}
	return nil
}

// Restore puts a backup in the place of the database. It is brought to the
// newest layout first, and what must outlive a restore goes over: who was
// erased since is erased there, keys that were revoked since stay so, receivers
// of changes are those of today, and the audit log goes on. Readers of the feeds
// hear anew of every score and of every live trigger, as they stand in the
// backup, and of triggers that are no more. A file that is no backup, or one that
// a newer program made, changes nothing.
func (s *Store) Restore(ctx context.Context, source string, at time.Time) (model.Restored, error) {
	if s.options.SpoolDirectory == "" || s.options.Path == "" {
		return model.Restored{}, model.Errorf(model.KindInvalid, "restore: a database in memory takes none")
	}
	restored, err := s.restore(ctx, source, at)
	if err != nil {
		return model.Restored{}, fmt.Errorf("restore: %w", err)
	}
	return restored, nil
}

func (s *Store) restore(ctx context.Context, source string, at time.Time) (out model.Restored, err error) {
	select {
	case s.writing <- struct{}{}:
		defer func() { <-s.writing }()
	case <-ctx.Done():
		return out, ctx.Err()
	}
	folder, err := os.MkdirTemp(s.options.SpoolDirectory, copyName)
	if err != nil {
		return out, kinded(err)
	}
	defer func() { _ = os.RemoveAll(folder) }()
	path := filepath.Join(folder, "fresh.duckdb")
	if err := copyFile(source, path); err != nil {
		return out, err
	}
	carried, err := s.carried(ctx)
	if err != nil {
		return out, err
	}
	if out, err = s.prepare(ctx, path, carried, at); err != nil {
		return out, err
	}
	if err := synced(path); err != nil {
		return out, err
	}
	defer s.shown.everybody()
	return out, s.replaceBy(ctx, path)
}

// prepare opens the file beside the database, and takes over what must outlive
// a restore.
func (s *Store) prepare(ctx context.Context, path string, carried carried, at time.Time) (out model.Restored, err error) {
	options := s.options
	options.Path, options.TempDirectory, options.SpoolDirectory, options.AllowedFiles = path, "", filepath.Dir(path), nil
	fresh, err := Open(ctx, options)
	if err != nil {
		return out, model.Wrap(model.KindOf(err), "the file is no backup that this program can read", err)
	}
	defer func() { //nolint:contextcheck // Closing outlives the context.
		if e := fresh.Close(); err == nil {
			err = e
		}
	}()
	if carried.triggers, err = s.heardTriggers(ctx, fresh, carried.secret); err != nil {
		return out, err
	}
	out, err = fresh.takeOver(ctx, carried, at)
	if err == nil && out.Erased > 0 {
		_, err = fresh.Compact(ctx)
	}
	return out, err
}

// carried is what outlives a restore.
type carried struct {
	secret   string
	erasures []erasure
	backups  []backupRow
	keys     []model.APIKey
	audit    []model.AuditEntry // the oldest first

	receivers   []model.Receiver
	undelivered []model.Deliveries
	// marks are how far the feeds are, triggers those whose newest change a reader
	// may have heard of and the backup has not.
	marks    map[model.Feed]model.Sequence
	triggers []model.Trigger
}

// backupRow is a row of backups as people/adopt_backups reads it.
type backupRow struct {
	Path      string `json:"path"`
	MadeAt    int64  `json:"made_at"`
	RemovedAt *int64 `json:"removed_at"`
}

// erasure is a row of erased.
type erasure struct {
	what, hash string
	at         time.Time
	sequence   sql.NullInt64 // Only customers have one.
}

// carried reads it.
func (s *Store) carried(ctx context.Context) (c carried, err error) {
	if c.keys, err = s.Keys(ctx); err != nil {
		return c, err
	}
	if c.audit, err = s.Audited(ctx, model.AuditQuery{}); err != nil {
		return c, err
	}
	slices.Reverse(c.audit)
	if c.receivers, err = s.Receivers(ctx); err != nil {
		return c, err
	}
	if c.undelivered, err = s.undeliveredOf(ctx, c.receivers); err != nil {
		return c, err
	}
	err = s.read(ctx, func(tx *sql.Tx) error {
		if _, err := one(ctx, tx, s.queries.Script("ledger/secret"), []any{&c.secret}, sql.Named("name", subjectSecret)); err != nil {
			return err
		}
		if c.backups, err = s.notedBackups(ctx, tx); err != nil {
			return err
		}
		if c.marks, err = s.marksIn(ctx, tx); err != nil {
			return err
		}
		return each(ctx, tx, s.queries.Script("people/erasures"), func(scan func(...any) error) error {
			var e erasure
			err := scan(&e.what, &e.hash, &e.at, &e.sequence)
			c.erasures = append(c.erasures, e)
			return err
		})
	})
	return c, err
}

// copyFile copies a file of the user's into a new one.
func copyFile(source, target string) (err error) {
	from, err := os.Open(source)
	if err != nil {
		return model.Errorf(model.KindInvalid, "%w", err)
	}
	defer func() { _ = from.Close() }() // It was only read.
	to, err := os.OpenFile(target, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return kinded(err)
	}
	_, err = io.Copy(to, from)
	if e := to.Close(); err == nil {
		err = e
	}
	return kinded(err)
}
