// Package bench measures the program against baselines in the same run.
package bench

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"

	"github.com/churnwatch/churnwatch/cmd/internal/app"
	"github.com/churnwatch/churnwatch/cmd/internal/config"
	"github.com/churnwatch/churnwatch/ingest"
	"github.com/churnwatch/churnwatch/model"
)

// ImportResult compares an import with the engine's own typed reader on the
// same file.
type ImportResult struct {
	ingest.Comparison
	// PeakMiB is the largest resident memory of the process in the whole run.
	PeakMiB float64 `json:"peak_rss_mib"`
}

// Import makes up a file of orders in a temporary folder below dir ("" is the
// system's), has it read bare and imports it into an empty database, and
// removes everything.
func Import(ctx context.Context, cfg config.Config, rows int64, dir string, clock func() time.Time, log *slog.Logger) (r ImportResult, err error) {
	folder, err := os.MkdirTemp(dir, "churnwatch-bench-")
	if err != nil {
		return r, model.Errorf(model.KindInvalid, "bench: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	cfg.Database.Path = filepath.Join(folder, "import.duckdb")
	a, err := app.Open(ctx, cfg, app.Options{Log: log, Clock: clock, Version: "bench"})
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, a.Close()) }() //nolint:contextcheck // closing outlives the context
	importer, err := a.Importer()
	if err != nil {
		return r, err
	}
	if r.Comparison, err = importer.CompareOrders(ctx, a.Store, rows, cfg.Training.Seed); err != nil {
		return r, err
	}
	var usage unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &usage); err != nil {
		return r, err
	}
	r.PeakMiB = float64(usage.Maxrss) / 1024
	return r, nil
}
