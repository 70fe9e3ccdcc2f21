package exposition_test

import (
	"context"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/churnwatch/churnwatch/api/exposition"
	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/model/estimate"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// shop is a source of a few lines.
type shop struct {
	cohorts    []model.CohortRow
	totals     exposition.Totals
	triggers   []exposition.TriggerTotal
	asked      []time.Time
	reads      int
	scans      int
	run        int64
	snapshot   error
	totalsFail error
	hotspots   []model.Hotspot
	gatesFail  error
}

func (s *shop) Snapshot(context.Context) (model.Snapshot, error) {
	s.reads++
	return model.Snapshot{
		Run: s.run, AsOf: noon.Add(-model.Day), PublishedAt: noon.Add(-time.Hour),
		Summary: model.ScoringSummary{
			Scored: 9, NotEligible: 4, MeanRisk: 0.25, RevenueAtRisk: new(1000.0),
			RevenueAtRiskInterval: &model.Interval{Low: 900, High: 1100, Level: 0.9},
			Bands:                 map[model.Band]int{model.BandLow: 7, model.BandHigh: 2},
		},
	}, s.snapshot
}

func (s *shop) Cohorts(context.Context, int) ([]model.CohortRow, error) { return s.cohorts, nil }

func (s *shop) PainPoints(context.Context) ([]model.PainPointWeight, error) {
	return []model.PainPointWeight{
		{
			Name: "late_delivery", SatisfactionWeight: &estimate.Estimate{Value: -21.5},
			ChurnLogOdds: &estimate.Estimate{Value: 0.75}, ShareOfChurn: &estimate.Estimate{Value: 0.125},
		},
		{Name: "refund"},
	}, nil
}

// Segments tells of one cell, and of one that is small.
func (s *shop) Segments(context.Context, time.Time) ([]model.SegmentCell, error) {
	revenue := 99.5
	return []model.SegmentCell{
		{Group: model.Detractor, Trend: model.OrdersDeclining, Customers: 6, Orders30d: new(7), Revenue30d: &revenue, Status: model.FigureOK},
		{Group: model.Promoter, Trend: model.OrdersGrowing, Customers: 1, Status: model.FigureInsufficient},
	}, nil
}

func (s *shop) Targets(context.Context, time.Time) ([]model.Target, error) {
	return []model.Target{
		{Name: model.DetractorResponse, Goal: 0.4, Value: &estimate.Estimate{Value: 0.5, Low: 0.45, High: 0.55}},
		{Name: model.PromoterReview, Goal: 0.25},
	}, nil
}

func (s *shop) Predictor(context.Context) (exposition.Predictor, error) {
	return exposition.Predictor{
		Model: model.StoredModel{
			Version: 3, CreatedAt: noon.Add(-2 * model.Day), Verdict: model.Activate, CodeVersion: "v1",
			Definition: model.Definition{Kind: model.Inactivity, Horizon: 90 * model.Day},
		},
		Evaluation: model.Evaluation{
			Cutoffs:   make([]model.CutoffEvaluation, 2),
			Mean:      model.Measures{ROCAUC: 0.75, Brier: 0.2, Calibration: model.CalibrationError{Error: 0.03, Slope: new(0.9)}},
			Baselines: []model.Baseline{{Name: "recency", Mean: model.Measures{ROCAUC: 0.6}}},
			LeadTime:  model.LeadTime{MedianDays: new(10.0)},
		},
	}, nil
}

func (s *shop) Triggers(context.Context) ([]exposition.TriggerTotal, error) { return s.triggers, nil }

func (s *shop) Experiments(context.Context) ([]model.Experiment, error) {
	return []model.Experiment{{
		ExperimentDesign: model.ExperimentDesign{Name: "tone"},
		Arms:             []model.ExperimentArm{{Variant: "empathetic", Assigned: 40}, {Variant: "confident", Assigned: 42}},
		Comparisons: []model.ExperimentComparison{
			{Variant: "confident", Decides: true, Difference: &estimate.Estimate{Value: 0.04, Low: -0.02, High: 0.1}},
			{Variant: "confident", Part: "segment", Difference: &estimate.Estimate{Value: 0.5}},
		},
	}}, nil
}

func (s *shop) Totals(_ context.Context, asOf time.Time) (exposition.Totals, error) {
	s.asked = append(s.asked, asOf)
	return s.totals, s.totalsFail
}

func (s *shop) Drifting(context.Context) (map[model.DriftState]int64, error) {
	return map[model.DriftState]int64{model.Drifting: 2}, nil
}

func (s *shop) Usage(context.Context) (file, memory int64, err error) { return 4096, 1024, nil }

func (s *shop) Hotspots(context.Context, time.Time) ([]model.Hotspot, error) {
	s.scans++
	return s.hotspots, nil
}

func (s *shop) CohortIncidents(context.Context, int) ([]exposition.CohortIncidents, error) {
	return []exposition.CohortIncidents{{Dimension: "channel", Cohort: "web", PainPoint: "late_delivery", Incidents: 5, Customers: 4}}, nil
}

// Retention tells of a month of four customers, which is small, and of one of
// eight.
func (s *shop) Retention(context.Context, time.Time, int) ([]exposition.RetentionMonth, int, error) {
	january, february := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC)
	return []exposition.RetentionMonth{
		{Month: january.AddDate(0, -1, 0), Customers: 8, Retained: 4, Age: 1},
		{Month: january.AddDate(0, -1, 0), Customers: 8, Retained: 2, Age: 2},
		{Month: january, Customers: 4, Retained: 1, Age: 1},
		{Month: february, Customers: 9, Retained: 9},
	}, 5, nil
}

func (s *shop) Complaints(context.Context, time.Time) ([]exposition.ThemeTotal, error) {
	return []exposition.ThemeTotal{{Theme: "delivery", Complaints: 12}}, nil
}

func (s *shop) Realised(context.Context) (model.RealisedSnapshot, error) {
	return model.RealisedSnapshot{Figures: &model.RealisedFigures{
		All:     model.RealisedGroup{Customers: 9, Said: 0.25, Left: 0.5, Level: model.Ranged{Value: -0.25, Low: -0.375, High: -0.125}, ROCAUC: &model.Ranged{Value: 0.75}},
		Holdout: &model.RealisedGroup{Customers: 1},
	}}, nil
}

func (s *shop) Gates(context.Context, time.Time) ([]model.Gate, error) {
	return []model.Gate{{Name: "volume", Status: model.Green}, {Name: "volume", Status: model.Yellow}, {Name: "volume", Status: model.Green}}, s.gatesFail
}

func (s *shop) Shifts(context.Context, time.Time) ([]exposition.Shift, error) {
	return []exposition.Shift{{Feature: "recency", Value: 0.25}}, nil
}

func full() *shop {
	half := 0.5
	return &shop{
		run: 1,
		hotspots: []model.Hotspot{
			{PainPoint: "late_delivery", Dimension: "supplier", Cohort: "S07", Direction: model.Worse, Score: 20.5, Customers: 12, Revenue: new(99.5)},
			{PainPoint: "refund", Dimension: "sku", Cohort: "K1", Direction: model.Excel, Score: -3.5, Customers: 12},
		},
		cohorts: []model.CohortRow{
			{
				Dimension: "channel", Cohort: "web", Customers: 10, Scored: 8, Drifting: 1, Orders30d: 12, Revenue30d: 99.5,
				ChurnRisk: &half, RevenueAtRisk: &half, SatisfactionIndex: &half, ChurnRate: &half,
				CohortNPS: model.CohortNPS{NPS: &half, NPSAnswers: 9, NPSCustomers: 6, Corrected: &half, ResponseRate: &half, SilentCustomers: new(3)},
			},
		},
		triggers: []exposition.TriggerTotal{
			{Playbook: "passive", Urgency: "low", Status: "open", Ever: 9, Now: 4, Overdue: 1},
			{Playbook: "passive", Urgency: "low", Status: "done", Ever: 3, Now: 3, LatencySeconds: 600},
		},
		totals: exposition.Totals{
			Rows:      []exposition.RowTotal{{Kind: "orders", Read: 100, Quarantined: 7}},
			Refused:   []exposition.RefusedTotal{{Kind: "orders", Reason: "not_a_number", Rows: 4}},
			Incidents: []exposition.IncidentTotal{{PainPoint: "late_delivery", Incidents: 5, Customers: 4}},
			Newest:    []exposition.NewestFact{{Kind: "orders", At: noon.Add(-90 * time.Second)}},
		},
	}
}

// collect registers a refreshed collector of a source.
func collect(t *testing.T, s exposition.Source, o exposition.Options) (*exposition.Collector, *prometheus.Registry) {
	t.Helper()
	if o.Clock == nil {
		o.Clock = func() time.Time { return noon }
	}
	o.Currency, o.Version = "EUR", "v1"
	c := exposition.New(s, o)
	registry := prometheus.NewPedanticRegistry()
	if err := registry.Register(c); err != nil {
		t.Fatal(err)
	}
	for _, refresh := range []func(context.Context) error{c.Refresh, c.RefreshInsights, c.RefreshUsage} {
		if err := refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	return c, registry
}
