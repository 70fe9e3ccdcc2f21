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
	"github.com/churnwatch/churnwatch/cmd/internal/demo"
	"github.com/churnwatch/churnwatch/cmd/internal/importing"
	"github.com/churnwatch/churnwatch/ingest"
	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/scoring"
)

// ImportResult compares an import with the engine's own typed reader on the
// same file.
type ImportResult struct {
	ingest.Comparison
	// PeakMiB is the largest resident memory of the process in the whole run.
	PeakMiB float64 `json:"peak_rss_mib"`
}

// ScoreResult compares scoring with its feature query alone.
type ScoreResult struct {
	scoring.ScoreSpeed
	// PeakMiB is the largest resident memory of the process in the whole run,
	// training included.
	PeakMiB float64 `json:"peak_rss_mib"`
}

// Score makes up a shop in a temporary folder below dir ("" is the system's),
// imports it, trains on it, compares, and removes everything.
func Score(ctx context.Context, cfg config.Config, customers int, dir string, clock func() time.Time, log *slog.Logger) (r ScoreResult, err error) {
	const runs = 3
	err = throwaway(ctx, cfg, dir, clock, log, func(folder string, a *app.App) error {
		if err := trainedShop(ctx, cfg, customers, folder, a); err != nil {
			return err
		}
		var err error
		if r.ScoreSpeed, err = a.Scoring.CompareScore(ctx, a.Store, runs); err != nil {
			return err
		}
		r.PeakMiB, err = peak()
		return err
	})
	return r, err
}

// trainedShop makes up a shop, imports it and trains on it.
func trainedShop(ctx context.Context, cfg config.Config, customers int, folder string, a *app.App) error {
	_, files, err := demo.Generate(ctx, demo.Options{Customers: customers, Seed: cfg.Training.Seed, Dir: folder}, nil)
	if err != nil {
		return err
	}
	for _, f := range files {
		if _, err := importing.Run(ctx, a, importing.Request{
			Kind: model.FactKind(f.Kind), Files: []importing.File{{Name: f.Path, Path: f.Path}},
		}); err != nil {
			return err
		}
		if err := os.Remove(f.Path); err != nil {
			return err
		}
	}
	_, err = a.Scoring.Train(ctx, scoring.TrainRequest{Activate: true})
	return err
}

// TriggersResult compares a day's evaluation of all playbooks with scoring the
// same customers.
type TriggersResult struct {
	// Customers are those scored, Signals what could set off a playbook within
	// the day, Concerned the customers whom it was decided about.
	Customers int64 `json:"customers"`
	Signals   int   `json:"signals"`
	Concerned int   `json:"concerned"`
	Opened    int   `json:"opened"`
	// ScoreSeconds is the wall time of scoring and publishing, TriggersSeconds
	// of evaluating the playbooks, Ratio the latter by the former.
	ScoreSeconds    float64 `json:"score_seconds"`
	TriggersSeconds float64 `json:"triggers_seconds"`
	Ratio           float64 `json:"ratio"`
	PeakMiB         float64 `json:"peak_rss_mib"`
}

// Triggers makes up a shop in a temporary folder below dir, trains on it, scores
// it on two days that follow each other with a run of the playbooks after each,
// and compares the second day's run with its scoring.
func Triggers(ctx context.Context, cfg config.Config, customers int, dir string, clock func() time.Time, log *slog.Logger) (r TriggersResult, err error) {
	err = throwaway(ctx, cfg, dir, clock, log, func(folder string, a *app.App) error {
		if err := trainedShop(ctx, cfg, customers, folder, a); err != nil {
			return err
		}
		end, err := a.Store.Watermark(ctx)
		if err != nil {
			return err
		}
		for _, day := range []time.Time{end.Add(-model.Day), end} {
			began := clock()
			summary, err := a.Scoring.Score(ctx, day)
			if err != nil {
				return err
			}
			scored := clock()
			report, err := a.Retention.Run(ctx, day)
			if err != nil {
				return err
			}
			r.Customers, r.Signals, r.Concerned, r.Opened = summary.Scored, report.Signals, report.Customers, report.Opened
			r.ScoreSeconds, r.TriggersSeconds = scored.Sub(began).Seconds(), clock().Sub(scored).Seconds()
		}
		r.Ratio = r.TriggersSeconds / r.ScoreSeconds
		r.PeakMiB, err = peak()
		return err
	})
	return r, err
}

// Import makes up a file of orders in a temporary folder below dir ("" is the
// system's), has it read bare and imports it into an empty database, and
// removes everything.
func Import(ctx context.Context, cfg config.Config, rows int64, dir string, clock func() time.Time, log *slog.Logger) (r ImportResult, err error) {
	err = throwaway(ctx, cfg, dir, clock, log, func(_ string, a *app.App) error {
		importer, err := a.Importer()
		if err != nil {
			return err
		}
		if r.Comparison, err = importer.CompareOrders(ctx, a.Store, rows, cfg.Training.Seed); err != nil {
			return err
		}
		r.PeakMiB, err = peak()
		return err
	})
	return r, err
}

// throwaway lets work have a database of its own in a folder of its own, and
// removes both.
func throwaway(ctx context.Context, cfg config.Config, dir string, clock func() time.Time, log *slog.Logger, work func(folder string, a *app.App) error) (err error) {
	folder, err := os.MkdirTemp(dir, "churnwatch-bench-")
	if err != nil {
		return model.Errorf(model.KindInvalid, "bench: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	cfg.Database.Path, cfg.Currency = filepath.Join(folder, "bench.duckdb"), demo.Currency
	a, err := app.Open(ctx, cfg, app.Options{Log: log, Clock: clock, Version: "bench"})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }() //nolint:contextcheck // closing outlives the context
	return work(folder, a)
}

// peak is the largest resident memory of the process so far, in MiB.
func peak() (float64, error) {
	var usage unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &usage); err != nil {
		return 0, err
	}
	return float64(usage.Maxrss) / 1024, nil
}
