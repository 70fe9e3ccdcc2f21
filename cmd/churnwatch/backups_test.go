package main

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// A folder is kept at so many copies, made on time, also over a restart; what is
// not ours stays, and a failure is tried again.
func TestBackupsAreMadeOnTimeAndKeptAtANumber(t *testing.T) {
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "churnwatch-notes.duckdb"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		fails := 0
		var forgotten []string
		b := backups{
			folder: folder, every: 24 * time.Hour, keep: 2, clock: time.Now, log: slog.New(slog.DiscardHandler),
			write: func(_ context.Context, path string) error {
				if fails > 0 {
					fails--
					return errors.New("no server")
				}
				return os.WriteFile(path, nil, 0o600)
			},
			forget: func(_ context.Context, path string) error {
				forgotten = append(forgotten, filepath.Base(path))
				return nil
			},
		}
		during := func(d time.Duration) (made []string) {
			ctx, cancel := context.WithTimeout(t.Context(), d)
			defer cancel()
			if err := b.run(ctx); err != nil {
				t.Fatal(err)
			}
			entries, err := os.ReadDir(folder)
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range entries {
				made = append(made, e.Name())
			}
			return made
		}
		// The clock of the bubble begins at 2000-01-01.
		want := []string{"churnwatch-20000101T000000Z.duckdb", "churnwatch-notes.duckdb"}
		if diff := cmp.Diff(want, during(23*time.Hour)); diff != "" {
			t.Errorf("the first at once (-want +got):\n%s", diff)
		}
		want = []string{"churnwatch-20000101T000000Z.duckdb", "churnwatch-20000102T000000Z.duckdb", "churnwatch-notes.duckdb"}
		if diff := cmp.Diff(want, during(2*time.Hour)); diff != "" {
			t.Errorf("the second a day later, over a restart (-want +got):\n%s", diff)
		}
		for _, name := range []string{"churnwatch-20000101T120000Z.duckdb.2718", "churnwatch-notes.duckdb.3"} { // One was cut off.
			if err := os.WriteFile(filepath.Join(folder, name), nil, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		fails = 3
		want = []string{"churnwatch-20000102T000000Z.duckdb", "churnwatch-20000103T000300Z.duckdb", "churnwatch-notes.duckdb", "churnwatch-notes.duckdb.3"}
		if diff := cmp.Diff(want, during(24*time.Hour)); diff != "" {
			t.Errorf("the third after three failures (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff([]string{"churnwatch-20000101T120000Z.duckdb", "churnwatch-20000101T000000Z.duckdb"}, forgotten); diff != "" {
			t.Errorf("receipts forget what was removed (-want +got):\n%s", diff)
		}
	})
}
