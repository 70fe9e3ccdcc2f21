package service

import (
	"context"
	"log/slog"
	"time"

	"github.com/churnwatch/churnwatch/cmd/internal/app"
	"github.com/churnwatch/churnwatch/model"
)

const (
	// touchedShare bounds how much of the time customers are rescored one by one:
	// one part in so many. What comes meanwhile waits and goes together, so that a
	// large shop is some minutes behind rather than busy with nothing else.
	touchedShare = 4
	// wholeShare is from which share of the customers on everybody is rescored.
	wholeShare = 0.5
	// wholeAge is how old a snapshot is at least for that: what follows on a new
	// one, such as the search for hotspots, would else take the time that decisions
	// need. Until then those touched are rescored alone.
	wholeAge = 5 * time.Minute
	// leastWhole is how many customers a shop has at least for that.
	leastWhole = 1000
	// mostWait bounds how long it takes until what failed is tried again.
	mostWait = time.Minute
)

// touchedRescorer rescores the customers about whom new facts came in, whichever
// way they came, so that a score follows them in seconds.
//
// It does so as of the clock, which is where the snapshot stands while the data
// are fresh. Where they are older than freshness.max_age time stands still, and
// nothing that comes in is known yet as of then.
type touchedRescorer struct {
	app  *app.App
	log  *slog.Logger
	came <-chan struct{}
	// whole scores everybody as of the clock; false where that is not to be done,
	// since orders are too old for it.
	whole func(ctx context.Context) bool
	done  func(ok bool, took time.Duration)
	// snapshot and load are up to what was rescored.
	snapshot, load int64
	// due is when everybody is rescored, zero where that is not owed.
	due time.Time
	// least is how many customers a shop has at least for that.
	least int64
}

func (s *service) newTouchedRescorer() *touchedRescorer {
	return &touchedRescorer{app: s.App, log: s.Log, came: s.touched, whole: s.newRescorer().asOfNow, least: leastWhole, done: func(ok bool, took time.Duration) {
		s.jobs.Observe("rescore", ok, took)
		s.outdate()
		s.tell()
	}}
}

// run rescores until ctx ends.
func (r *touchedRescorer) run(ctx context.Context) {
	every := r.app.Config.Server.RescoreTouched.Std()
	if every == 0 {
		return
	}
	var again <-chan time.Time // after a failure and where everybody is due, even if nothing comes
	for wait := every; ; {
		select {
		case <-ctx.Done():
			return
		case <-r.came:
		case <-again:
		}
		began := r.app.Clock()
		if again = nil; r.once(ctx) {
			wait = every
			if !r.due.IsZero() {
				again = time.After(r.due.Sub(r.app.Clock()))
			}
		} else {
			again = time.After(wait)
			wait = min(2*wait, mostWait)
		}
		pause := time.NewTimer(max(every, (touchedShare-1)*r.app.Clock().Sub(began)))
		select {
		case <-ctx.Done():
			pause.Stop()
			return
		case <-pause.C:
		}
	}
}

// once rescores whom facts touched that came since the last time, or that the
// snapshot does not know. It returns false where that is to be tried again.
func (r *touchedRescorer) once(ctx context.Context) bool {
	began := r.app.Clock()
	customers, asOf, err := r.plan(ctx)
	if err == nil && len(customers) == 0 {
		return true
	}
	if err == nil {
		_, err = r.app.Scoring.Rescore(ctx, customers, asOf)
	}
	switch kind := model.KindOf(err); {
	case err == nil:
	case ctx.Err() != nil, kind == model.KindNoData, kind == model.KindNotFound: // Nothing can be scored yet.
		r.snapshot = 0
		return true
	case kind == model.KindConflict || kind == model.KindUnavailable: // Scores were published meanwhile, or an import writes.
		r.snapshot = 0 // Whom it concerned is looked up again.
		r.log.LogAttrs(ctx, slog.LevelDebug, "customers with new facts were not rescored yet", slog.Any("error", err))
		return false
	default:
		r.snapshot = 0
		r.log.LogAttrs(ctx, slog.LevelError, "rescoring customers with new facts failed", slog.Any("error", err))
	}
	r.done(err == nil, r.app.Clock().Sub(began))
	return err == nil
}

// plan says whom to rescore and as of when. Nobody where nothing came, where the
// data are not fresh, and where everybody was rescored instead.
func (r *touchedRescorer) plan(ctx context.Context) (customers []string, asOf time.Time, err error) {
	snapshot, err := r.app.Store.Snapshot(ctx)
	if err != nil {
		return nil, asOf, err
	}
	if snapshot.Run != r.snapshot {
		r.snapshot, r.load, r.due = snapshot.Run, 0, time.Time{}
	}
	asOf = r.app.Clock().UTC().Truncate(time.Microsecond)
	newest, err := r.app.Scoring.Fresh(ctx)
	if err != nil || asOf.Sub(newest) >= r.app.Config.Freshness.MaxAge.Std() {
		r.due = time.Time{}
		return nil, asOf, err
	}
	load, _, err := r.app.Store.NewestLoad(ctx)
	if err != nil {
		return nil, asOf, err
	}
	if r.everybody(ctx, asOf) || load == r.load {
		return nil, asOf, nil
	}
	customers, err = r.app.Store.Touched(ctx, r.load, snapshot.AsOf, snapshot.ScoredAt)
	if err != nil {
		return nil, asOf, err
	}
	scored := snapshot.Summary.Scored + snapshot.Summary.Insufficient + snapshot.Summary.NotEligible
	if float64(len(customers)) > wholeShare*float64(scored) && scored > r.least {
		r.due = snapshot.ScoredAt.Add(wholeAge)
		if r.everybody(ctx, asOf) {
			return nil, asOf, nil
		}
	}
	r.load = load
	return customers, asOf, nil
}

// everybody rescores everybody where that is due, and reports whether it did.
func (r *touchedRescorer) everybody(ctx context.Context, now time.Time) bool {
	if r.due.IsZero() || now.Before(r.due) {
		return false
	}
	r.due = time.Time{}
	return r.whole(ctx)
}
