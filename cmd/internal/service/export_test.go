package service

import (
	"context"
	"log/slog"
	"time"

	"github.com/churnwatch/churnwatch/cmd/internal/app"
)

// Rescorer is the schedule of one program, for tests.
type Rescorer struct{ r *rescorer }

// NewRescorer returns the schedule; done is told of each run.
func NewRescorer(a *app.App, log *slog.Logger, done func(ok bool)) Rescorer {
	return Rescorer{&rescorer{app: a, log: log, done: func(_ context.Context, ok bool, _ time.Duration) { done(ok) }}}
}

// Plan says as of when to score, and whether to.
func (r Rescorer) Plan(ctx context.Context) (time.Time, bool, error) { return r.r.plan(ctx) }

// UntilDue is how long the snapshot stays young.
func (r Rescorer) UntilDue(ctx context.Context, every time.Duration) time.Duration {
	return r.r.untilDue(ctx, every)
}

// Once rescores if there is a reason to.
func (r Rescorer) Once(ctx context.Context) { r.r.once(ctx) }

// Run rescores until ctx ends.
func (r Rescorer) Run(ctx context.Context) { r.r.run(ctx) }
