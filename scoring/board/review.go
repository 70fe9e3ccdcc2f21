package board

import (
	"context"
	"slices"
	"time"

	"github.com/churnwatch/churnwatch/model"
)

// Sources tells what a review shows beside what the package measures itself. An
// error of KindNoData leaves a part out, with its reason among the gaps.
type Sources interface {
	// Weights returns what pain points cost as fitted on what was known before an
	// instant, and who drifted then, and says by what.
	Weights(ctx context.Context, asOf time.Time) ([]model.PainPointWeight, *model.DriftReport, string, error)
	Hotspots(ctx context.Context, asOf time.Time, window time.Duration) (model.HotspotReport, error)
	// Cohorts returns those of the newest scores as of an instant or before, and of
	// when these are.
	Cohorts(ctx context.Context, asOf time.Time) ([]model.CohortRow, time.Time, error)
	Realised(ctx context.Context) (model.Realised, error)
	Gates(ctx context.Context, asOf time.Time) ([]model.Gate, error)
	// Experiments returns nil where there are none.
	Experiments(ctx context.Context, asOf time.Time) (*model.ExperimentReport, error)
}

// reviewQuarters is how many quarters a review shows beside each other.
const reviewQuarters = 8

// Review draws up what drove churn in a quarter and what was done about it, as
// of its end, or of the end of the data where that lies within it.
func (s *Service) Review(ctx context.Context, q Quarter, sources Sources) (model.Review, error) {
	out := model.Review{
		Quarter: q.String(), From: q.Begin(), To: q.Add(1).Begin(), Complete: true,
		Periods: []model.ReviewPeriod{}, Drivers: []model.ReviewDriver{}, Hotspots: []model.Hotspot{}, Cohorts: []model.CohortRow{},
		Themes: []model.ReviewTheme{}, Realised: []model.RealisedSnapshot{}, Gates: []model.Gate{}, Gaps: []string{},
	}
	end, err := s.insight.Watermark(ctx)
	if err != nil {
		return out, err
	}
	out.AsOf = out.To
	if end.Before(out.To) {
		out.AsOf, out.Complete = end, false
	}
	if !out.AsOf.After(out.From) {
		return out, model.Errorf(model.KindNoData, "the data end on %s, before %s begins", end.Format(time.DateOnly), q)
	}
	// Complaints are incidents too.
	if err := s.insight.TryReadRemarks(ctx); err != nil {
		return out, err
	}
	r := review{service: s, sources: sources, out: &out}
	for _, part := range []func(context.Context) error{
		r.periods, r.drivers, r.hotspots, r.cohorts, r.segments, r.targets, r.themes, r.programme, r.experiments, r.realised, r.gates,
	} {
		if err := part(ctx); err != nil {
			return out, err
		}
	}
	return out, nil
}

// review is one being drawn up.
type review struct {
	service *Service
	sources Sources
	out     *model.Review
	// left is the share that left in the last whole quarter of which it is known, by
	// which log-odds are told in customers; buyers are those of this quarter and of the one before.
	left   *float64
	buyers [2]int
}

// lacks turns an error of KindNoData into a gap.
func (r *review) lacks(what string, err error) error {
	if err == nil || model.KindOf(err) != model.KindNoData {
		return err
	}
	r.out.Gaps = append(r.out.Gaps, what+": "+err.Error())
	return nil
}

// gap adds what is not known.
func (r *review) gap(text string) { r.out.Gaps = append(r.out.Gaps, text) }

func (r *review) hotspots(ctx context.Context) error {
	report, err := r.sources.Hotspots(ctx, r.out.AsOf, r.out.AsOf.Sub(r.out.From))
	if err != nil {
		return r.lacks("hotspots", err)
	}
	for _, h := range report.Hotspots {
		if h.Passes == "twice" || h.Passes == "once" {
			r.out.Hotspots = append(r.out.Hotspots, h)
		}
	}
	if report.Cells == 0 {
		r.gap("hotspots: nothing could be looked at, for want of suppliers, products, regions or enough exposures")
	}
	return nil
}

func (r *review) cohorts(ctx context.Context) error {
	rows, asOf, err := r.sources.Cohorts(ctx, r.out.AsOf)
	if err != nil {
		return r.lacks("cohorts", err)
	}
	r.out.ScoresAsOf = &asOf
	for _, c := range rows {
		if c.Customers >= r.service.settings.MinimumCell {
			r.out.Cohorts = append(r.out.Cohorts, c)
		}
	}
	if age := r.out.AsOf.Sub(asOf); age > 31*model.Day {
		r.gap("cohorts: the newest scores then were of " + asOf.Format(time.DateOnly))
	}
	return nil
}

func (r *review) segments(ctx context.Context) error {
	report, err := r.service.Segments(ctx, r.out.AsOf, []string{"tier", "industry"})
	if err != nil {
		return r.lacks("answers by orders", err)
	}
	r.out.Segments = &report
	for _, w := range report.Warnings {
		r.gap("answers by orders: " + w)
	}
	if report.Rises.Reason != nil {
		r.gap("whether higher answers were followed by more orders: " + *report.Rises.Reason)
	}
	return nil
}

func (r *review) targets(ctx context.Context) error {
	report, err := r.service.Targets(ctx, r.out.AsOf, r.out.AsOf.Sub(r.out.From))
	if err != nil {
		return r.lacks("targets", err)
	}
	r.out.Targets = &report
	for _, w := range report.Warnings {
		r.gap("targets: " + w)
	}
	for _, t := range report.Targets {
		if t.Value == nil && t.Reason != nil {
			r.gap("target: " + t.Label + ": " + *t.Reason)
		}
	}
	return nil
}

func (r *review) experiments(ctx context.Context) error {
	report, err := r.sources.Experiments(ctx, r.out.AsOf)
	if err != nil {
		return r.lacks("experiments", err)
	}
	r.out.Experiments = report
	return nil
}

// realised are the snapshots whose horizon ended in the quarter.
func (r *review) realised(ctx context.Context) error {
	all, err := r.sources.Realised(ctx)
	if err != nil {
		return r.lacks("what was said against what happened", err)
	}
	for _, s := range all.Snapshots {
		if s.Figures != nil && s.CompleteAt.After(r.out.From) && !s.CompleteAt.After(r.out.AsOf) {
			r.out.Realised = append(r.out.Realised, s)
		}
	}
	if len(r.out.Realised) == 0 {
		r.gap("what was said against what happened: no published scores' horizon ended in the quarter")
	}
	return nil
}

func (r *review) gates(ctx context.Context) error {
	gates, err := r.sources.Gates(ctx, r.out.AsOf)
	if err != nil {
		return r.lacks("data quality", err)
	}
	r.out.Gates = append(r.out.Gates, slices.DeleteFunc(gates, func(g model.Gate) bool {
		return g.Status != model.Yellow && g.Status != model.Red
	})...)
	return nil
}
