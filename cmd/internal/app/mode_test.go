//go:build unix

package app_test

import (
	"io/fs"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"github.com/churnwatch/churnwatch/cmd/internal/app"
	"github.com/churnwatch/churnwatch/cmd/internal/config"
	"github.com/churnwatch/churnwatch/model"
)

// The database and what lies beside it hold personal data.
func TestOnlyTheOwnerReadsWhatADatabaseMakes(t *testing.T) {
	dir := t.TempDir()
	cfg := config.Default()
	cfg.Database.Path = filepath.Join(dir, "a.duckdb")
	a, err := app.Open(t.Context(), cfg, app.Options{Log: slog.New(slog.DiscardHandler), Clock: time.Now, Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	})
	entry := model.AuditEntry{At: time.Now().UTC(), Action: "test", Outcome: "ok"}
	if err := a.Store.Audit(t.Context(), []model.AuditEntry{entry}); err != nil { // It makes the log.
		t.Fatal(err)
	}
	seen := 0
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || path == dir {
			return err
		}
		info, err := d.Info()
		if err == nil && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has the mode %s", path, info.Mode())
		}
		seen++
		return err
	})
	if err != nil || seen < 3 {
		t.Errorf("%d files: %v", seen, err)
	}
}
