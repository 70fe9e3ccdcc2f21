package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// backups writes copies of the database into a folder, one after the other.
type backups struct {
	folder string
	every  time.Duration
	keep   int
	clock  func() time.Time
	log    *slog.Logger
	// write makes one copy at a path.
	write func(ctx context.Context, path string) error
	// forget notes that the copy at a path is no more.
	forget func(ctx context.Context, path string) error
}

const (
	backupPrefix, backupSuffix = "churnwatch-", ".duckdb"
	// backupTime sorts by itself.
	backupTime = "20060102T150405Z"
	// backupRetry is the time until a copy that failed is tried again.
	backupRetry = time.Minute
)

func (env *environment) backups(folder string, every time.Duration, keep int) backups {
	return backups{
		folder: folder, every: every, keep: keep, clock: env.clock, log: env.logger(false),
		write: func(ctx context.Context, path string) error {
			// It stands beside a server that may be starting, so it never takes the file.
			client, err := env.dialServer(ctx)
			if err != nil {
				return err
			}
			env.args = []string{"backup", path}
			return env.intoFileFor(path, 0o600, func() error { return env.forward(ctx, client, nil) })
		},
		forget: func(ctx context.Context, path string) error {
			client, err := env.dialServer(ctx)
			if err != nil {
				return err
			}
			env.args = []string{"backup", path, "--removed"}
			return env.forward(ctx, client, nil)
		},
	}
}

// run writes copies until ctx ends, which is no error.
func (b backups) run(ctx context.Context) error {
	if _, err := b.made(); err != nil {
		return err
	}
	for {
		wait, err := b.once(ctx)
		if err != nil && ctx.Err() == nil {
			b.log.LogAttrs(ctx, slog.LevelError, "backup failed", slog.Any("error", err), slog.Duration("again_in", wait))
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return nil
		case <-timer.C:
		}
	}
}

// once writes a copy if one is due, removes those that are too many, and returns
// the time until the next one is.
func (b backups) once(ctx context.Context) (wait time.Duration, err error) {
	made, err := b.made()
	if err != nil {
		return backupRetry, err
	}
	now := b.clock().UTC()
	if len(made) > 0 {
		if due := made[0].Add(b.every); now.Before(due) {
			return due.Sub(now), nil
		}
	}
	if err := b.tidy(ctx); err != nil {
		return backupRetry, err
	}
	if err := b.write(ctx, b.path(now)); err != nil {
		return backupRetry, err
	}
	made = append([]time.Time{now}, made...)
	for _, old := range made[min(b.keep, len(made)):] {
		err = errors.Join(err, b.remove(ctx, b.path(old), b.path(old)))
	}
	return b.every, err
}

// tidy removes what copies left that were cut off: nobody else would find it, and
// no receipt lists it.
func (b backups) tidy(ctx context.Context) (err error) {
	left, err := filepath.Glob(filepath.Join(b.folder, backupPrefix+"*"+backupSuffix+".*"))
	if err != nil {
		return err
	}
	for _, part := range left {
		whole := strings.TrimSuffix(part, filepath.Ext(part))
		if _, ours := backupAt(whole); ours {
			err = errors.Join(err, b.remove(ctx, part, whole))
		}
	}
	return err
}

// remove removes a file, and forgets the copy that it is, or was to be.
func (b backups) remove(ctx context.Context, file, copied string) error {
	if err := os.Remove(file); err != nil {
		return err
	}
	if err := b.forget(ctx, copied); err != nil {
		b.log.LogAttrs(ctx, slog.LevelWarn, "receipts still list a copy that was removed: churnwatch backup "+copied+" --removed", slog.Any("error", err))
	}
	return nil
}

func (b backups) path(at time.Time) string {
	return filepath.Join(b.folder, backupPrefix+at.Format(backupTime)+backupSuffix)
}

// made are the times of the copies in the folder, the newest first. Other files
// are none of ours.
func (b backups) made() (out []time.Time, err error) {
	entries, err := os.ReadDir(b.folder)
	if err != nil {
		return nil, fmt.Errorf("folder of backups: %w", err)
	}
	for _, e := range entries {
		if at, ours := backupAt(e.Name()); ours {
			out = append(out, at)
		}
	}
	slices.SortFunc(out, func(a, b time.Time) int { return b.Compare(a) })
	return out, nil
}

// backupAt is when the copy of a name was made, and whether it is one.
func backupAt(path string) (at time.Time, ours bool) {
	text, ours := strings.CutPrefix(filepath.Base(path), backupPrefix)
	text, whole := strings.CutSuffix(text, backupSuffix)
	at, err := time.Parse(backupTime, text)
	return at, ours && whole && err == nil
}
