package scoring

import (
	"context"
	"slices"
	"time"

	"github.com/churnwatch/churnwatch/model"
)

// EvaluateAt tests at cutoffs of the caller's choice, each by a fit on labels
// that were complete before it. It needs no stored model and stores none.
func (s *Service) EvaluateAt(ctx context.Context, cutoffs []time.Time) (model.Evaluation, error) {
	out, _, line, err := s.testAt(ctx, cutoffs)
	if err != nil {
		return out, err
	}
	start, err := s.start(ctx, line.end)
	if err != nil {
		return out, err
	}
	report, err := s.fitDrift(ctx, line, start, line.end)
	if err != nil {
		return out, err
	}
	out.LeadTime = leadTimeOf(report)
	judge(&out)
	return out, nil
}

// TestedCustomer is what was said of a customer at a cutoff, by a fit that saw
// nothing after it, and what happened.
type TestedCustomer struct {
	AsOf             time.Time `json:"as_of"`
	CustomerID       string    `json:"customer_id"`
	ChurnProbability float64   `json:"churn_probability"`
	Churned          bool      `json:"churned"`
}

// TestAt returns the customers behind [Service.EvaluateAt], by cutoff, then by
// id, for those who want to measure more than it does.
func (s *Service) TestAt(ctx context.Context, cutoffs []time.Time) ([]TestedCustomer, error) {
	_, tests, _, err := s.testAt(ctx, cutoffs)
	if err != nil {
		return nil, err
	}
	var out []TestedCustomer
	for _, t := range tests {
		for i, id := range t.panel.Customers {
			out = append(out, TestedCustomer{AsOf: t.panel.AsOf, CustomerID: id, ChurnProbability: t.predicted[i], Churned: t.panel.Churned[i]})
		}
	}
	return out, nil
}

// testAt tests at cutoffs. The timeline ends at the newest.
func (s *Service) testAt(ctx context.Context, cutoffs []time.Time) (model.Evaluation, []tested, *timeline, error) {
	cutoffs = slices.Clone(cutoffs)
	slices.SortFunc(cutoffs, time.Time.Compare)
	cutoffs = slices.CompactFunc(cutoffs, time.Time.Equal)
	watermark, err := s.at(ctx, time.Time{}, s.settings.Definition.Kind)
	if err != nil {
		return model.Evaluation{}, nil, nil, err
	}
	if err := s.TryReadRemarks(ctx); err != nil {
		return model.Evaluation{}, nil, nil, err
	}
	horizon := s.settings.Definition.Horizon
	for _, cutoff := range cutoffs {
		if complete := cutoff.Add(horizon); complete.After(watermark) {
			return model.Evaluation{}, nil, nil, model.Errorf(model.KindInvalid,
				"cutoff %s: its label of %d days is complete on %s, but data reach only to %s: choose a cutoff up to %s",
				cutoff.Format(time.DateOnly), s.settings.Definition.HorizonDays(), complete.Format(time.DateOnly),
				watermark.Format(time.DateOnly), watermark.Add(-horizon).Format(time.DateOnly))
		}
	}
	newest := cutoffs[len(cutoffs)-1]
	start, err := s.start(ctx, newest)
	if err != nil {
		return model.Evaluation{}, nil, nil, err
	}
	each := len(s.settings.Calendar.Cutoffs(start, newest, horizon)) + 1
	line := s.newTimeline(newest)
	out, tests, err := s.validate(ctx, s.newPanels(start, line, each), cutoffs)
	if err == nil && len(tests) == 0 {
		err = model.Errorf(model.KindNoData, "no cutoff could be tested: %v", out.Warnings)
	}
	return out, tests, line, err
}

// load returns a stored model and its file; version 0 is the active one.
func (s *Service) load(ctx context.Context, version int) (model.StoredModel, *File, error) {
	read := func() (model.StoredModel, error) { return s.ledger.Model(ctx, version) }
	if version == 0 {
		read = func() (model.StoredModel, error) { return s.ledger.ActiveModel(ctx) }
	}
	stored, err := read()
	if err != nil {
		return stored, nil, err
	}
	file, err := Decode(stored.File)
	return stored, file, err
}
