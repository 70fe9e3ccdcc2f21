package service

import (
	"context"
	"time"

	"github.com/churnwatch/churnwatch/api/exposition"
	"github.com/churnwatch/churnwatch/cmd/internal/app"
	"github.com/churnwatch/churnwatch/model"
)

// source gives the program's figures in the form that is shown.
type source struct{ app *app.App }

var _ exposition.Source = source{}

// Snapshot returns the published snapshot.
func (s source) Snapshot(ctx context.Context) (model.Snapshot, error) {
	return s.app.Store.Snapshot(ctx)
}

// Cohorts summarises it.
func (s source) Cohorts(ctx context.Context, most int) ([]model.CohortRow, error) {
	return s.app.Scoring.Cohorts(ctx, most)
}

// Segments returns the matrix of answers by orders.
func (s source) Segments(ctx context.Context, asOf time.Time) ([]model.SegmentCell, error) {
	return s.app.Boards.Matrix(ctx, asOf)
}

// Targets measures every target.
func (s source) Targets(ctx context.Context, asOf time.Time) ([]model.Target, error) {
	r, err := s.app.Boards.Targets(ctx, asOf, 0)
	return r.Targets, err
}

// PainPoints returns the newest weights.
func (s source) PainPoints(ctx context.Context) ([]model.PainPointWeight, error) {
	part, err := s.app.Scoring.PainPoints(ctx, 0, time.Time{})
	return part.Weights, err
}

// Predictor returns the active model.
func (s source) Predictor(ctx context.Context) (exposition.Predictor, error) {
	stored, file, err := s.app.Scoring.Model(ctx, 0)
	if err != nil {
		return exposition.Predictor{}, err
	}
	return exposition.Predictor{Model: stored, Evaluation: file.Evaluation}, nil
}

// Totals counts over the whole database.
func (s source) Totals(ctx context.Context, asOf time.Time) (exposition.Totals, error) {
	found, err := s.app.Store.Totals(ctx, asOf, exposition.Window)
	if err != nil {
		return exposition.Totals{}, err
	}
	history, err := s.app.Store.History(ctx, s.app.Clock().UTC())
	if err != nil {
		return exposition.Totals{}, err
	}
	var out exposition.Totals
	for _, r := range found.Rows {
		out.Rows = append(out.Rows, exposition.RowTotal(r))
	}
	for _, r := range found.Refused {
		out.Refused = append(out.Refused, exposition.RefusedTotal(r))
	}
	for _, i := range found.Incidents {
		out.Incidents = append(out.Incidents, exposition.IncidentTotal(i))
	}
	for _, k := range history.Kinds {
		if !k.Last.IsZero() {
			out.Newest = append(out.Newest, exposition.NewestFact{Kind: k.Kind, At: k.Last})
		}
	}
	return out, nil
}

// Triggers counts what is to be done, and what was.
func (s source) Triggers(ctx context.Context) ([]exposition.TriggerTotal, error) {
	now, err := s.app.Retention.Now(ctx)
	if err != nil {
		return nil, err
	}
	found, err := s.app.Store.TriggerTotals(ctx, now)
	out := make([]exposition.TriggerTotal, len(found))
	for i, t := range found {
		out[i] = exposition.TriggerTotal(t)
	}
	return out, err
}

// Experiments returns what they have found.
func (s source) Experiments(ctx context.Context) ([]model.Experiment, error) {
	r, err := s.app.Retention.Experiments(ctx, time.Time{})
	return r.Experiments, err
}
