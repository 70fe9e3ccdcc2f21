package service

import (
	"context"
	"log/slog"
	"time"

	"github.com/churnwatch/churnwatch/cmd/internal/app"
	"github.com/churnwatch/churnwatch/model"
)

// rescorer scores every customer, when the schedule says so.
//
// While the newest fact is younger than freshness.max_age it scores as of the
// clock. Past that the clock would make everyone look as if he had left, so it
// scores as of the data's watermark, says so, and does it only when data or
// the model have changed since the snapshot.
type rescorer struct {
	app *app.App
	log *slog.Logger
	// score scores as of an instant; zero is the watermark.
	score func(ctx context.Context, asOf time.Time) error
	// seen is the newest load of the last look; 0 before the first.
	seen int64
}

func (s *service) newRescorer() *rescorer {
	return &rescorer{app: s.App, log: s.Log, score: s.operations.rescore}
}

// untilDue is how long the snapshot stays young; without one it is due now.
func (r *rescorer) untilDue(ctx context.Context, every time.Duration) time.Duration {
	snapshot, err := r.app.Store.Snapshot(ctx)
	if err != nil {
		return 0
	}
	return max(0, snapshot.ScoredAt.Add(every).Sub(r.app.Clock()))
}

// asOfNow is once where it scores as of the clock; elsewhere it does nothing and
// returns false.
func (r *rescorer) asOfNow(ctx context.Context) bool {
	asOf, due, err := r.plan(ctx)
	if err == nil && (!due || asOf.IsZero()) {
		return false
	}
	r.carryOut(ctx, asOf, due, err)
	return true
}

// once rescores if there is a reason to.
func (r *rescorer) once(ctx context.Context) {
	asOf, due, err := r.plan(ctx)
	r.carryOut(ctx, asOf, due, err)
}

// carryOut does what was planned.
func (r *rescorer) carryOut(ctx context.Context, asOf time.Time, due bool, err error) {
	switch {
	case model.KindOf(err) == model.KindNoData && err != nil:
		r.log.LogAttrs(ctx, slog.LevelDebug, "nothing to rescore", slog.Any("error", err))
		return
	case err != nil:
		r.fail(ctx, err)
		return
	case !due:
		r.log.LogAttrs(ctx, slog.LevelDebug, "nothing has changed: not rescored")
		return
	}
	switch err = r.score(ctx, asOf); {
	case model.KindOf(err) == model.KindConflict && err != nil:
		r.log.LogAttrs(ctx, slog.LevelDebug, "everybody is scored already", slog.Any("error", err))
	case err != nil:
		r.fail(ctx, err)
	}
}

func (r *rescorer) fail(ctx context.Context, err error) {
	if ctx.Err() == nil {
		r.log.LogAttrs(ctx, slog.LevelError, "rescoring failed", slog.Any("error", err))
	}
}

// plan says as of when to score (zero is the watermark), and whether to.
func (r *rescorer) plan(ctx context.Context) (asOf time.Time, due bool, err error) {
	active, err := r.app.Store.ActiveModel(ctx)
	if err != nil {
		return asOf, false, err
	}
	now := r.app.Clock().UTC()
	newest, err := r.newest(ctx, now)
	if err != nil {
		return asOf, false, err
	}
	load, arrived, err := r.app.Store.NewestLoad(ctx)
	if err != nil {
		return asOf, false, err
	}
	loaded := r.seen != 0 && load != r.seen
	r.seen = load
	if age := now.Sub(newest); age < r.app.Config.Freshness.MaxAge.Std() {
		return now.Truncate(time.Second), true, nil
	}
	snapshot, err := r.app.Store.Snapshot(ctx)
	if err != nil && model.KindOf(err) != model.KindNoData {
		return asOf, false, err
	}
	due = err != nil || loaded || arrived.After(snapshot.ScoredAt) || snapshot.Model != active.Version
	if due {
		r.log.LogAttrs(ctx, slog.LevelWarn, "data are older than freshness.max_age: scoring as of the data, not of today",
			slog.Time("newest", newest), slog.Duration("max_age", r.app.Config.Freshness.MaxAge.Std()))
	}
	return time.Time{}, due, nil
}

// newest is the start of the day of the newest fact that the churn definition
// reads. An order dated after the clock does not say that the data are fresh
// where others are not.
func (r *rescorer) newest(ctx context.Context, now time.Time) (time.Time, error) {
	if r.app.Config.Definition.Kind != string(model.Cancellation) {
		newest, err := r.app.Store.Watermark(ctx)
		if err != nil || !newest.After(now.Add(model.Day)) {
			return newest, err
		}
		last, err := r.app.Scoring.DataEnd(ctx, now.Add(model.Day))
		if err != nil && model.KindOf(err) == model.KindNoData {
			return newest, nil
		}
		return last, err
	}
	history, err := r.app.Store.History(ctx, now)
	if err != nil {
		return time.Time{}, err
	}
	newest := history.Of(model.Contracts).Last
	if last := history.Of(model.Orders).Last; last.After(newest) {
		newest = last
	}
	return model.StartOfDay(newest), nil
}
