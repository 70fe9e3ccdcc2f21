package scoring

import (
	"context"
	"time"

	"github.com/churnwatch/churnwatch/model"
)

// scoringQuality judges the data that scores as of an instant are made from,
// by the gates that need no panels, and says what to look for among the facts
// of each customer. told says that the instant was given: its age by the clock
// is then no fault of the data.
func (s *Service) scoringQuality(ctx context.Context, file *File, asOf time.Time, told bool) (*model.ScoringQuality, error) {
	of := s.as(file)
	if told {
		of.clock = func() time.Time { return asOf }
	}
	// As many as stay on the mean: no more labels can have gone wrong.
	kept := 0.0
	if file.Risk.Predictor != nil {
		kept = 1 - file.Risk.BaseRate
	}
	g, err := of.dataGates(ctx, asOf, file.definition(), kept)
	if err != nil {
		return nil, err
	}
	report := g.reported()
	out := &model.ScoringQuality{Status: report.Status, Reasons: []string{}, Checks: g.customerChecks()}
	for _, status := range []model.GateStatus{model.Red, model.Yellow} {
		for _, gate := range report.Gates {
			if gate.Status == status {
				out.Reasons = append(out.Reasons, gate.Message)
			}
		}
	}
	return out, nil
}

// customerChecks returns the checks that find anything odd which is about one
// customer, however rare it is in the whole shop.
func (g *gatekeeper) customerChecks() []model.CustomerCheck {
	out := []model.CustomerCheck{}
	add := func(odd int64, name string, kind model.FactKind) {
		if odd > 0 {
			out = append(out, model.CustomerCheck{Name: name, Kind: kind})
		}
	}
	for _, c := range g.facts.References {
		if c.Kind != model.OrderItems && c.Name != "buyer" && c.Name != "trigger" { // These name no customer, none that is scored, or nothing of his.
			add(c.Odd, c.Name, c.Kind)
		}
	}
	for _, c := range g.facts.Duplicates {
		name := "repeated"
		if c.Kind == model.Customers {
			name = "another_id"
		}
		add(c.Odd, name, c.Kind)
	}
	for _, c := range g.facts.Values {
		if c.Name != "zero_amount" && c.Name != "piled_score" && c.Name != "mixed_currency" { // Odd only when they are many, or beside others.
			add(c.Odd, c.Name, c.Kind)
		}
	}
	for _, r := range g.refusals {
		add(r.Refused, "refused", r.Kind)
	}
	return out
}
