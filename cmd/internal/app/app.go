// Package app wires the parts into one program: it opens the database, makes
// the services on it and closes them again.
package app

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/churnwatch/churnwatch/api/access"
	"github.com/churnwatch/churnwatch/api/webhook"
	"github.com/churnwatch/churnwatch/cmd/internal/config"
	"github.com/churnwatch/churnwatch/ingest"
	"github.com/churnwatch/churnwatch/ingest/warehouse/duckdb"
	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/scoring"
	"github.com/churnwatch/churnwatch/scoring/board"
	"github.com/churnwatch/churnwatch/scoring/comment"
	"github.com/churnwatch/churnwatch/scoring/retention"
)

// App is the program on an open database.
type App struct {
	Config  config.Config
	Store   *duckdb.Store
	Scoring *scoring.Service
	// Retention decides what is to be done about customers.
	Retention *retention.Service
	// Keys are the API keys of the database.
	Keys *access.Keyring
	// Webhooks tell receivers of changes.
	Webhooks *webhook.Service
	// Boards draws up what people look at together.
	Boards  *board.Service
	Log     *slog.Logger
	Clock   func() time.Time
	Version string
	spool   string
	owner   bool
	// erasing holds a token while a customer is erased, or must not be.
	erasing chan struct{}
	// lexicons are read once: a client's configuration names no file here.
	lexicons []comment.Source
}

// Options are what the configuration does not say.
type Options struct {
	Log     *slog.Logger
	Clock   func() time.Time
	Version string
}

// Open opens the configured database, creating it when it is not there.
func Open(ctx context.Context, cfg config.Config, o Options) (*App, error) {
	forOwnerAlone()
	spool, err := spoolFor(cfg.Database)
	if err != nil {
		return nil, err
	}
	store, err := duckdb.Open(ctx, duckdb.Options{
		Path: cfg.Database.Path, MemoryLimit: cfg.Database.MemoryLimit.String(),
		TempDirectory: cfg.Database.TempDirectory, Threads: Threads(cfg), KeepFree: cfg.Database.KeepFree.Bytes(),
		SpoolDirectory: spool, Logger: o.Log, Clock: o.Clock,
	})
	if err != nil {
		return nil, err
	}
	a := &App{Store: store, Log: o.Log, Clock: o.Clock, Version: o.Version, spool: spool, owner: true, erasing: make(chan struct{}, 1)}
	a.lexicons, err = readLexicons(cfg.Themes.Lexicons)
	if err == nil {
		a.Keys, err = access.Open(ctx, store, o.Clock, rand.Reader)
	}
	if err == nil {
		err = a.configure(cfg)
	}
	if err == nil {
		a.Webhooks, err = a.newWebhooks(cfg.Webhooks)
	}
	if err != nil {
		return nil, errors.Join(err, store.Close()) //nolint:contextcheck // closing outlives the context
	}
	return a, nil
}

// spoolFor makes the directory beside the database that files pass through:
// the only place that SQL may read files from.
func spoolFor(db config.Database) (string, error) {
	path, err := filepath.Abs(db.Path + ".spool")
	if err != nil {
		return "", model.Wrap(model.KindInvalid, "database path", err)
	}
	if err := os.MkdirAll(path, 0o700); err != nil {
		return "", model.Errorf(model.KindInvalid, "spool directory beside the database: %w", err)
	}
	return path, nil
}

// Threads is how many threads a configuration means.
func Threads(cfg config.Config) int {
	if cfg.Database.Threads > 0 {
		return cfg.Database.Threads
	}
	return runtime.NumCPU()
}

// configure makes the services for a configuration on the open store.
func (a *App) configure(cfg config.Config) (err error) {
	a.Config = cfg
	settings := Settings(cfg, a.Version)
	settings.Lexicons, settings.Effects = a.lexicons, effects{a}
	if settings.Economics, err = economics(cfg); err != nil {
		return err
	}
	if a.Scoring, err = scoring.New(a.Store, a.Store, settings, a.Clock, a.Log); err != nil {
		return err
	}
	actions, err := RetentionSettings(cfg)
	if err != nil {
		return err
	}
	actions.Insight = a.Scoring
	a.Boards = board.New(a.Store, a.Scoring, BoardSettings(cfg))
	a.Retention, err = retention.New(a.Store, actions, a.Clock, a.Log)
	return err
}

// readLexicons reads the user's own lexicons.
func readLexicons(paths []string) (out []comment.Source, err error) {
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, model.Errorf(model.KindInvalid, "themes.lexicons: %w", err)
		}
		out = append(out, comment.Source{Name: path, Text: string(text)})
	}
	if _, err := comment.NewReader(out); err != nil {
		return nil, err
	}
	return out, nil
}

// With returns the same program with another configuration for one command.
// The database stays the one that is open; closing the copy does nothing.
func (a *App) With(cfg config.Config) (*App, error) {
	cfg.Database, cfg.Themes = a.Config.Database, a.Config.Themes
	out := *a
	out.owner = false
	return &out, out.configure(cfg)
}

// Importer returns the import path into the store.
func (a *App) Importer() (*ingest.Importer, error) {
	return ingest.New(a.Store, ingest.Options{
		Spool: a.spool, ChunkBytes: a.Config.Ingest.ChunkBytes.Bytes(), TimeZone: a.Config.TimeZone, Currency: a.Config.Currency,
		KeepQuarantine: a.Config.Ingest.QuarantineKeep.Std(), Clock: a.Clock, Logger: a.Log,
	})
}

// Spool returns the directory that files pass through.
func (a *App) Spool() string { return a.spool }

// Close closes the database, whatever became of the context that it was opened
// with. It may be called twice.
func (a *App) Close() error {
	if !a.owner {
		return nil
	}
	err := a.Store.Close()
	_ = os.Remove(a.spool) // stays while anything is in it
	return err
}

// Settings restates a configuration for scoring.
func Settings(cfg config.Config, version string) scoring.Settings {
	return scoring.Settings{
		Definition: model.Definition{
			Kind:    model.DefinitionKind(cfg.Definition.Kind),
			Horizon: cfg.Definition.Horizon.Std(), Lookback: cfg.Definition.Lookback.Std(),
		},
		Calendar: model.Calendar{
			Step: cfg.Training.CalendarStep.Std(), MinHistory: cfg.Training.MinHistory.Std(), Max: cfg.Training.MaxCutoffs,
		},
		Bands:         model.Bands{Medium: cfg.Bands.Medium, High: cfg.Bands.High},
		IntervalLevel: cfg.Training.IntervalLevel,
		CycleDays:     cfg.Drift.Cycle.Days(), FalseAlarms: cfg.Drift.FalseAlarmsPer1000,
		HalfLifeDays: model.Days(cfg.Satisfaction.HalfLife.Std()), HalfLifeFixed: cfg.Satisfaction.HalfLifeBasis == "configured",
		SatisfactionCohort: satisfactionCohort(cfg), MinimumAnswers: cfg.Cohorts.MinimumAnswers,
		MaxRows: cfg.Training.MaxRows, Seed: cfg.Training.Seed, Threads: Threads(cfg),
		Dimensions: cfg.Cohorts.Dimensions, CodeVersion: version, PainPoints: cfg.PainPoints.Own,
		Limits: limits(cfg), Holdout: holdout(cfg),
	}
}

// satisfactionCohort is the column that the index draws to, "" for none.
func satisfactionCohort(cfg config.Config) string {
	if cfg.Satisfaction.Cohort == "none" {
		return ""
	}
	return cfg.Satisfaction.Cohort
}

// limits restates when gates turn yellow or red.
func limits(cfg config.Config) scoring.Limits {
	q := cfg.Quality
	return scoring.Limits{
		MaxAgeDays: model.Days(cfg.Freshness.MaxAge.Std()),
		StaleWarn:  q.StaleWarn, StaleRefuse: q.StaleRefuse,
		LabelsAtRisk: q.LabelsAtRisk, VolumeZ: q.VolumeZ,
		BrokenWarn: q.BrokenWarn, BrokenRefuse: q.BrokenRefuse,
		RepeatedWarn: q.RepeatedWarn, RepeatedRefuse: q.RepeatedRefuse,
		QuarantineWarn: q.QuarantineWarn, QuarantineRefuse: q.QuarantineRefuse,
		LinkedWarn: q.LinkedWarn, LinkedRefuse: q.LinkedRefuse,
		OddWarn: q.OddWarn, OddRefuse: q.OddRefuse,
		PiledWarn: q.PiledWarn, PiledRefuse: q.PiledRefuse,
		LeakWarn: q.LeakWarn, LeakRefuse: q.LeakRefuse,
		DriftWarn: q.DriftWarn,
	}
}
