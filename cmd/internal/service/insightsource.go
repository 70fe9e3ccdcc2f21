package service

import (
	"context"
	"time"

	"github.com/churnwatch/churnwatch/api/exposition"
	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/scoring"
)

// Drifting counts customers by their state of drift.
func (s source) Drifting(ctx context.Context) (map[model.DriftState]int64, error) {
	return s.app.Store.DriftStates(ctx)
}

// Usage is what the database takes.
func (s source) Usage(ctx context.Context) (file, memory int64, err error) {
	u, err := s.app.Store.Usage(ctx)
	return u.File, u.Memory, err
}

// Hotspots returns the cells that stand out.
func (s source) Hotspots(ctx context.Context, asOf time.Time) ([]model.Hotspot, error) {
	report, err := s.app.Scoring.Hotspots(ctx, scoring.HotspotRequest{AsOf: asOf})
	return report.Hotspots, err
}

// CohortIncidents counts what each cohort met with.
func (s source) CohortIncidents(ctx context.Context, most int) ([]exposition.CohortIncidents, error) {
	rows, err := s.app.Store.CohortIncidents(ctx, s.app.Config.Cohorts.Dimensions, most, exposition.Window)
	out := make([]exposition.CohortIncidents, len(rows))
	for i, r := range rows {
		out[i] = exposition.CohortIncidents(r)
	}
	return out, err
}

// Retention returns who was there how long after they came.
func (s source) Retention(ctx context.Context, asOf time.Time, most int) ([]exposition.RetentionMonth, int, error) {
	rows, all, err := s.app.Store.RetentionMonths(ctx, asOf, model.DefinitionKind(s.app.Config.Definition.Kind), most)
	out := make([]exposition.RetentionMonth, len(rows))
	for i, r := range rows {
		out[i] = exposition.RetentionMonth(r)
	}
	return out, all, err
}

// Complaints counts what customers complained of.
func (s source) Complaints(ctx context.Context, asOf time.Time) ([]exposition.ThemeTotal, error) {
	weeks, err := s.app.Scoring.Themes(ctx, asOf)
	if err != nil || len(weeks) == 0 {
		return nil, err
	}
	oldest := weeks[0].Week.AddDate(0, 0, -7*(exposition.ComplaintWeeks-1))
	count := map[string]int64{}
	for _, w := range weeks {
		if !w.Week.Before(oldest) {
			count[w.Theme] += int64(w.Complaints)
		}
	}
	out := make([]exposition.ThemeTotal, 0, len(count))
	for theme, complaints := range count {
		out = append(out, exposition.ThemeTotal{Theme: theme, Complaints: complaints})
	}
	return out, nil
}

// Realised says how the newest forecast turned out.
func (s source) Realised(ctx context.Context) (model.RealisedSnapshot, error) {
	return s.app.Scoring.NewestRealised(ctx)
}

// Gates judges the data.
func (s source) Gates(ctx context.Context, asOf time.Time) ([]model.Gate, error) {
	return s.app.Scoring.Gates(ctx, asOf)
}

// Shifts says how far features have moved.
func (s source) Shifts(ctx context.Context, asOf time.Time) ([]exposition.Shift, error) {
	shifts, err := s.app.Scoring.Shifts(ctx, asOf)
	out := make([]exposition.Shift, len(shifts))
	for i, x := range shifts {
		out[i] = exposition.Shift(x)
	}
	return out, err
}
