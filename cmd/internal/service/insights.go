package service

import (
	"context"
	"fmt"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"github.com/churnwatch/churnwatch/api"
	"github.com/churnwatch/churnwatch/cmd/internal/app"
	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/scoring"
)

const (
	// insightWorkers bounds how many insights are computed at a time, and
	// insightsWaiting how many wait for that.
	insightWorkers  = 2
	insightsWaiting = 32
	// insightsHeld is how many answers are held; past it all are let go of.
	insightsHeld = 128
)

// insights answers questions about the published snapshot, computing each
// answer once for it.
//
// An answer is computed to its end, whoever goes away meanwhile: a client that
// could not wait for it finds it the next time. Questions as of another instant
// are computed anew when data have come in, since these may be about the past.
type insights struct {
	app  *app.App
	work chan func(ctx context.Context)
	// over is closed when nothing is computed any more.
	over chan struct{}

	mu      sync.Mutex
	current string // which snapshot and model the held answers are of
	held    map[string]*insight
}

// insight is an answer that is computed or being computed.
type insight struct {
	done  chan struct{}
	value any
	err   error
}

func newInsights(a *app.App) *insights {
	return &insights{app: a, work: make(chan func(context.Context), insightsWaiting), over: make(chan struct{}), held: map[string]*insight{}}
}

// run computes what is asked for until ctx ends.
func (i *insights) run(ctx context.Context) {
	var group sync.WaitGroup
	defer close(i.over)
	defer group.Wait()
	for range insightWorkers {
		group.Go(func() {
			for {
				select {
				case <-ctx.Done():
					return
				case compute := <-i.work:
					compute(ctx)
				}
			}
		})
	}
}

// once answers a question from what is held, or computes it. compute gets the
// instant, the published snapshot's for a zero one; zero where none is
// published.
func once[T any](ctx context.Context, i *insights, asOf time.Time, question string, compute func(ctx context.Context, asOf time.Time) (T, error)) (T, error) {
	var none T
	current, snapshot, err := i.state(ctx)
	if err != nil {
		return none, err
	}
	if asOf.IsZero() && !snapshot.IsZero() {
		asOf = snapshot
	} else {
		load, _, err := i.app.Store.NewestLoad(ctx)
		if err != nil {
			return none, err
		}
		question += fmt.Sprintf(" load %d", load)
	}
	asked, isNew := i.find(current, fmt.Sprintf("%s as of %d", question, asOf.UnixNano()))
	if isNew {
		answer := func(ctx context.Context) {
			defer i.settle(asked)
			defer func() {
				if cause := recover(); cause != nil {
					asked.err = model.Wrap(model.KindInternal, "panic", fmt.Errorf("%s: %v\n%s", question, cause, debug.Stack()))
				}
			}()
			asked.value, asked.err = compute(ctx, asOf)
		}
		select {
		case i.work <- answer:
		default:
			asked.err = model.Errorf(model.KindUnavailable, "many other insights are being computed: try again")
			i.settle(asked)
		}
	}
	select {
	case <-asked.done:
	case <-ctx.Done():
		return none, ctx.Err()
	case <-i.over:
		return none, model.Errorf(model.KindUnavailable, "the server is stopping: try again")
	}
	if asked.err != nil {
		return none, asked.err
	}
	return asked.value.(T), nil //nolint:forcetypeassert // A question has one type of answer.
}

// state says which snapshot and model are current, and as of when that is.
func (i *insights) state(ctx context.Context) (current string, asOf time.Time, err error) {
	snapshot, err := i.app.Store.Snapshot(ctx)
	if err != nil && model.KindOf(err) != model.KindNoData {
		return "", asOf, err
	}
	models, err := i.app.Store.Models(ctx)
	if err != nil {
		return "", asOf, err
	}
	var text strings.Builder
	fmt.Fprintf(&text, "run %d", snapshot.Run)
	for _, m := range models {
		fmt.Fprintf(&text, ", model %d %t", m.Version, m.Active)
	}
	return text.String(), snapshot.AsOf, nil
}

// find returns the answer to a question, and whether it is still to be
// computed. Answers of another snapshot are let go of.
func (i *insights) find(current, question string) (asked *insight, isNew bool) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.current != current || len(i.held) >= insightsHeld {
		i.current, i.held = current, map[string]*insight{}
	}
	if asked, ok := i.held[question]; ok {
		return asked, false
	}
	asked = &insight{done: make(chan struct{})}
	i.held[question] = asked
	return asked, true
}

// forget lets go of all answers: they may name somebody who was erased.
func (i *insights) forget() {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.held = map[string]*insight{}
}

// settle tells those who wait. An error is not held.
func (i *insights) settle(asked *insight) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if asked.err != nil {
		for question, held := range i.held {
			if held == asked {
				delete(i.held, question)
			}
		}
	}
	close(asked.done)
}

var _ api.Insights = (*insights)(nil)

// trendDays is how many days an overview looks back at most.
const trendDays = 60

// Overview returns the published snapshot in a few numbers. They are at hand, so
// they wait for no other insight.
func (i *insights) Overview(ctx context.Context) (out model.Overview, err error) {
	cfg := i.app.Config
	snapshot, err := i.app.Store.Snapshot(ctx)
	if err != nil {
		return out, err
	}
	definition := app.Settings(cfg, "").Definition
	out = model.Overview{
		AsOf: snapshot.AsOf, ScoredAt: snapshot.ScoredAt, Model: snapshot.Model, Definition: definition.Kind, HorizonDays: definition.HorizonDays(),
		Currency: cfg.Currency, Bands: model.Bands(cfg.Bands), Now: model.OverviewPointOf(snapshot), Trend: []model.OverviewPoint{},
	}
	days, err := i.app.Store.Trend(ctx, trendDays)
	if err != nil {
		return out, err
	}
	for _, day := range days {
		out.Trend = append(out.Trend, model.OverviewPointOf(day))
	}
	out.Drift, err = i.app.Store.DriftStates(ctx)
	return out, err
}

// Retention returns who was still there how long after they came.
func (i *insights) Retention(ctx context.Context, asOf time.Time) (model.Retention, error) {
	return once(ctx, i, asOf, "retention", func(ctx context.Context, asOf time.Time) (model.Retention, error) {
		cfg := i.app.Config
		if asOf.IsZero() {
			return model.Retention{}, model.Errorf(model.KindNoData, "no scores were published yet: POST /v1/scores:run publishes them; or give as_of")
		}
		out := model.Retention{AsOf: asOf, Definition: model.DefinitionKind(cfg.Definition.Kind), Months: []model.RetentionMonth{}}
		rows, all, err := i.app.Store.RetentionMonths(ctx, asOf, out.Definition, cfg.Cohorts.RetentionMonths)
		out.AllMonths = all
		for _, r := range rows {
			month := r.Month.Format("2006-01")
			if n := len(out.Months); n == 0 || out.Months[n-1].Month != month {
				out.Months = append(out.Months, model.RetentionMonth{
					Month: month, Customers: r.Customers, Retained: []int64{}, Withheld: r.Customers < int64(cfg.Cohorts.MinimumCell),
				})
			}
			if m := &out.Months[len(out.Months)-1]; r.Age > 0 && !m.Withheld {
				m.Retained = append(m.Retained, r.Retained)
			}
		}
		return out, err
	})
}

// PainPoints returns the weights.
func (i *insights) PainPoints(ctx context.Context, asOf time.Time) (model.PainPointReport, error) {
	given := asOf
	return once(ctx, i, asOf, "pain points", func(ctx context.Context, _ time.Time) (model.PainPointReport, error) {
		part, err := i.app.Scoring.PainPoints(ctx, 0, given)
		out := model.PainPointReport{Status: part.Status, Answers: part.Answers, PainPoints: part.Weights}
		if part.Worst != "" {
			out.Worst = &part.Worst
		}
		return out, err
	})
}

// Drift returns who drifts.
func (i *insights) Drift(ctx context.Context, asOf time.Time) (model.DriftReport, error) {
	given := asOf
	return once(ctx, i, asOf, "drift", func(ctx context.Context, _ time.Time) (model.DriftReport, error) {
		return i.app.Scoring.Drift(ctx, given)
	})
}

// Cohorts returns the cohorts that may be shown.
func (i *insights) Cohorts(ctx context.Context, asOf time.Time) (model.CohortReport, error) {
	given := asOf
	return once(ctx, i, asOf, "cohorts", func(ctx context.Context, _ time.Time) (model.CohortReport, error) {
		snapshot, err := i.app.Store.SnapshotAt(ctx, given)
		if err != nil {
			return model.CohortReport{}, err
		}
		rows, err := i.app.Scoring.CohortsAt(ctx, given, i.app.Config.Cohorts.MaxPerDimension)
		out := model.ShownCohorts(rows, i.app.Config.Cohorts.MinimumCell)
		out.AsOf = snapshot.AsOf
		return out, err
	})
}

// Segments returns the matrix.
func (i *insights) Segments(ctx context.Context, asOf time.Time, dimensions []string) (model.SegmentReport, error) {
	return once(ctx, i, asOf, fmt.Sprintf("segments %q", dimensions), func(ctx context.Context, asOf time.Time) (model.SegmentReport, error) {
		return i.app.Boards.Segments(ctx, asOf, dimensions)
	})
}

// Hotspots returns the cells that stand out.
func (i *insights) Hotspots(ctx context.Context, q api.HotspotQuestion) (model.HotspotReport, error) {
	question := fmt.Sprintf("hotspots %q %q %d %d %t", q.PainPoint, q.Dimension, q.Window, q.Least, q.All)
	return once(ctx, i, q.AsOf, question, func(ctx context.Context, asOf time.Time) (model.HotspotReport, error) {
		return i.app.Scoring.Hotspots(ctx, scoring.HotspotRequest{
			AsOf: asOf, Window: q.Window, Least: q.Least, PainPoint: q.PainPoint, Dimension: q.Dimension, All: q.All,
		})
	})
}

// Touchpoints ranks the moments of the journey.
func (i *insights) Touchpoints(ctx context.Context, asOf time.Time) (model.TouchpointReport, error) {
	return once(ctx, i, asOf, "touchpoints", func(ctx context.Context, asOf time.Time) (model.TouchpointReport, error) {
		return i.app.Scoring.Touchpoints(ctx, asOf)
	})
}
