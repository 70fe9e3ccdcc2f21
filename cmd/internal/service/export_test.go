package service

import (
	"context"
	"log/slog"
	"time"

	"github.com/churnwatch/churnwatch/cmd/internal/app"
	"github.com/churnwatch/churnwatch/model"
)

// Rescorer is the schedule of one program, for tests.
type Rescorer struct{ r *rescorer }

// NewRescorer returns the schedule; done is told of each run.
func NewRescorer(a *app.App, log *slog.Logger, done func(ok bool)) Rescorer {
	return Rescorer{&rescorer{app: a, log: log, score: func(ctx context.Context, asOf time.Time) error {
		_, err := a.Scoring.Score(ctx, asOf)
		done(err == nil)
		return err
	}}}
}

// RunPlaybooks runs the playbooks whenever it is told that something happened,
// until ctx ends; done is told of each run.
func RunPlaybooks(ctx context.Context, a *app.App, log *slog.Logger, happened <-chan struct{}, done func(ok bool)) {
	(&playbookRunner{app: a, log: log, happened: happened, done: func(ok bool, _ time.Duration) { done(ok) }, changed: func() {}}).run(ctx)
}

// Plan says as of when to score, and whether to.
func (r Rescorer) Plan(ctx context.Context) (time.Time, bool, error) { return r.r.plan(ctx) }

// UntilDue is how long the snapshot stays young.
func (r Rescorer) UntilDue(ctx context.Context, every time.Duration) time.Duration {
	return r.r.untilDue(ctx, every)
}

// Once rescores if there is a reason to.
func (r Rescorer) Once(ctx context.Context) { r.r.once(ctx) }

// AsOfNow rescores where that is as of the clock, and reports whether it is.
func (r Rescorer) AsOfNow(ctx context.Context) bool { return r.r.asOfNow(ctx) }

// NewTouchedRescorer returns what rescores those about whom facts came in since it
// was called last.
func NewTouchedRescorer(a *app.App, log *slog.Logger) func(ctx context.Context) {
	r := &touchedRescorer{app: a, log: log, whole: func(context.Context) bool { return false }, least: leastWhole, done: func(bool, time.Duration) {}}
	return func(ctx context.Context) { r.once(ctx) }
}

// WholeAge is how old a snapshot is at least where everybody is rescored since
// facts touched many.
const WholeAge = wholeAge

// NewWholeRescorer is NewTouchedRescorer for a shop of any size. It calls whole to
// rescore everybody.
func NewWholeRescorer(a *app.App, log *slog.Logger, whole func(context.Context) bool) func(ctx context.Context) {
	r := &touchedRescorer{app: a, log: log, whole: whole, done: func(bool, time.Duration) {}}
	return func(ctx context.Context) { r.once(ctx) }
}

// LateEvery is how often it is looked whether what was not kept can be.
const LateEvery = lateEvery

// Jobs are operations without a database, for tests.
type Jobs struct{ o *operations }

// NewJobs returns operations that are stored by save.
func NewJobs(clock func() time.Time, save func(context.Context, model.Job) error) Jobs {
	return Jobs{&operations{
		app: &app.App{Clock: clock}, log: slog.New(slog.DiscardHandler), save: save, begun: make(chan *job, 8), over: make(chan struct{}),
		running: map[string]*job{}, unkept: map[string]*job{}, ended: func(context.Context, string, bool, time.Duration) {},
	}}
}

// Run runs jobs until ctx ends.
func (j Jobs) Run(ctx context.Context) { j.o.run(ctx) }

// Do runs a job of a kind to its end.
func (j Jobs) Do(ctx context.Context, kind string) error {
	one := newJob(ctx, model.Job{ID: kind, Kind: kind, Status: model.JobRunning}, func(context.Context, func(string)) (any, error) { return nil, nil })
	return j.o.wait(ctx, one, j.o.launch(one, func() error { return nil }))
}
