package service

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"github.com/churnwatch/churnwatch/cmd/internal/app"
	"github.com/churnwatch/churnwatch/model"
)

// playbookRunner runs the playbooks on a schedule, and when it is told that
// something happened.
type playbookRunner struct {
	// warned is what the last run warned of.
	warned []string

	app      *app.App
	log      *slog.Logger
	happened <-chan struct{}
	done     func(ok bool, took time.Duration)
	// changed is told when triggers are others than before.
	changed func()
}

// playbooksPause is how long nothing is decided after a run while facts come in,
// so that what comes together is decided together; no longer than the run took.
const playbooksPause = 200 * time.Millisecond

func (s *service) newPlaybookRunner() *playbookRunner {
	return &playbookRunner{app: s.App, log: s.Log, happened: s.happened, done: func(ok bool, took time.Duration) {
		s.jobs.Observe("triggers", ok, took)
	}, changed: s.outdate}
}

// tell lets the playbooks run soon; one that is due already covers it.
func (s *service) tell() {
	select {
	case s.happened <- struct{}{}:
	default:
	}
}

// run runs the playbooks until ctx ends.
func (r *playbookRunner) run(ctx context.Context) {
	every := r.app.Config.Retention.RunEvery.Std()
	if every == 0 {
		return
	}
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		case <-r.happened:
		}
		began := r.app.Clock()
		r.once(ctx)
		pause := time.NewTimer(min(playbooksPause, r.app.Clock().Sub(began)))
		select {
		case <-ctx.Done():
			pause.Stop()
			return
		case <-pause.C:
		}
	}
}

// once runs them up to now. A command that ran them meanwhile has done the
// work.
func (r *playbookRunner) once(ctx context.Context) {
	began := r.app.Clock()
	report, err := r.app.Retention.Run(ctx, time.Time{})
	switch {
	case err != nil && ctx.Err() != nil:
		return
	case err != nil && model.KindOf(err) == model.KindConflict:
		r.log.LogAttrs(ctx, slog.LevelDebug, "playbooks were run by a command meanwhile", slog.Any("error", err))
		return
	case err != nil:
		r.log.LogAttrs(ctx, slog.LevelError, "running the playbooks failed", slog.Any("error", err))
	}
	if err == nil && report.Changed() {
		r.changed()
	}
	r.warn(ctx, report.Warnings)
	r.done(err == nil, r.app.Clock().Sub(began))
}

// warn logs what is new among a run's warnings.
func (r *playbookRunner) warn(ctx context.Context, now []string) {
	for _, warning := range now {
		if !slices.Contains(r.warned, warning) {
			r.log.LogAttrs(ctx, slog.LevelWarn, "playbooks: "+warning)
		}
	}
	r.warned = now
}
