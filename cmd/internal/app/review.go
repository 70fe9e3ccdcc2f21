package app

import (
	"context"
	"fmt"
	"time"

	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/scoring"
	"github.com/churnwatch/churnwatch/scoring/board"
)

// Review draws up the review of a quarter.
func (a *App) Review(ctx context.Context, q board.Quarter) (model.Review, error) {
	return a.Boards.Review(ctx, q, reviewed{a})
}

// reviewed tells what scoring and retention know.
type reviewed struct{ app *App }

var _ board.Sources = reviewed{}

// Weights are those of the newest model that was trained on what was known then,
// else fitted anew.
func (r reviewed) Weights(ctx context.Context, asOf time.Time) ([]model.PainPointWeight, *model.DriftReport, string, error) {
	part, err := r.app.Scoring.PainPoints(ctx, 0, asOf)
	if err == nil {
		drift, err := r.app.Scoring.Drift(ctx, asOf)
		if err != nil && model.KindOf(err) != model.KindNoData {
			return nil, nil, "", err
		}
		if err == nil && drift.Status.Status == "ok" {
			return part.Weights, &drift, "the newest model that was trained on what was known then", nil
		}
		return part.Weights, nil, "the newest model that was trained on what was known then", nil
	}
	if model.KindOf(err) != model.KindNoData {
		return nil, nil, "", err
	}
	fitted, drift, err := r.app.Scoring.Weigh(ctx, asOf)
	if err != nil {
		return nil, nil, "", err
	}
	by := "a fit on what was known on " + asOf.Format(time.DateOnly) + ", as no model had been trained by then"
	if drift.Status.Status != "ok" {
		return fitted.Weights, nil, by, nil
	}
	return fitted.Weights, &drift, by, nil
}

// Hotspots scans all cells.
func (r reviewed) Hotspots(ctx context.Context, asOf time.Time, window time.Duration) (model.HotspotReport, error) {
	return r.app.Scoring.Hotspots(ctx, scoring.HotspotRequest{AsOf: asOf, Window: max(window, model.Day)})
}

// Cohorts are those of the newest scores.
func (r reviewed) Cohorts(ctx context.Context, asOf time.Time) ([]model.CohortRow, time.Time, error) {
	snapshot, err := r.app.Store.SnapshotAt(ctx, asOf)
	if err != nil {
		return nil, time.Time{}, err
	}
	rows, err := r.app.Scoring.CohortsAt(ctx, snapshot.AsOf, r.app.Config.Cohorts.MaxPerDimension)
	return rows, snapshot.AsOf, err
}

// Realised is how published scores turned out.
func (r reviewed) Realised(ctx context.Context) (model.Realised, error) {
	return r.app.Scoring.Realised(ctx)
}

// Gates judge the data.
func (r reviewed) Gates(ctx context.Context, asOf time.Time) ([]model.Gate, error) {
	report, err := r.app.Scoring.Check(ctx, asOf)
	return report.Gates, err
}

// Experiments are what was proven; nil where nobody was assigned to one.
func (r reviewed) Experiments(ctx context.Context, asOf time.Time) (*model.ExperimentReport, error) {
	report, err := r.app.Retention.Experiments(ctx, asOf)
	if err != nil {
		return nil, fmt.Errorf("experiments: %w", err)
	}
	for _, e := range report.Experiments {
		for _, arm := range e.Arms {
			if arm.Assigned > 0 {
				return &report, nil
			}
		}
	}
	return nil, nil //nolint:nilnil // there is nothing to tell
}
