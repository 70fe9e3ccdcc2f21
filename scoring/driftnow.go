package scoring

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/model/drift"
)

// driftNow judges everyone as of an instant with a model's threshold; the
// shop's movement and noise are those as of the instant.
func (s *Service) driftNow(ctx context.Context, asOf time.Time, report model.DriftReport) (model.DriftReport, error) {
	rule := drift.Rule{Threshold: report.Parameters.Threshold, Depth: report.Parameters.Depth}
	now, err := s.newTimeline(asOf).at(ctx, asOf)
	if err != nil {
		return report, err
	}
	// What is common to the shop is fitted on a sample; everyone is judged.
	now.cycles, err = s.warehouse.Cycles(ctx, model.CyclesQuery{
		AsOf: asOf, Definition: s.settings.Definition, CycleDays: s.settings.CycleDays, Satisfaction: now.satisfaction.Parameters,
	})
	if err != nil {
		return report, err
	}
	judged := now.judge(rule)
	report.AsOf = asOf
	parameters := now.drift
	parameters.Threshold = rule.Threshold
	report.Parameters = parameters
	report.Customers = []model.DriftCustomer{}
	for state := range report.States {
		report.States[state] = 0
	}
	report.Warnings = append(report.Warnings, silence(judged, s.settings.CycleDays)...)
	for i, j := range judged {
		report.States[model.DriftState(j.state)]++
		if j.state != drift.Drifting && j.state != drift.Wobbling && j.state != drift.Recovering {
			continue
		}
		report.Customers = append(report.Customers, j.describe(now.cycles[i].Orders))
	}
	slices.SortStableFunc(report.Customers, func(a, b model.DriftCustomer) int {
		return cmp.Or(cmp.Compare(severity(a.State), severity(b.State)), cmp.Compare(a.Combined, b.Combined), cmp.Compare(a.CustomerID, b.CustomerID))
	})
	return report, nil
}

func severity(state model.DriftState) int {
	return slices.Index([]model.DriftState{model.Drifting, model.Wobbling, model.Recovering}, state)
}

// describe shows the signal that decides a customer's state.
func (j judgement) describe(orders [drift.Cycles]int) model.DriftCustomer {
	by, signal := "orders", j.orders
	if !j.orders.Usable || j.answers.Usable && j.answers.Combined < j.orders.Combined {
		by, signal = "satisfaction", j.answers
	}
	out := model.DriftCustomer{
		CustomerID: j.customer, State: model.DriftState(j.state), Signal: by,
		Declines: [2]float64{signal.First, signal.Second}, Combined: signal.Combined,
		Observed: orders[drift.Cycles-2] + orders[drift.Cycles-1],
	}
	if j.orders.Usable {
		expected := j.orders.Expected[0] + j.orders.Expected[1]
		out.Expected = &expected
	}
	return out
}

// muchSilence is the share of customers from which on it is said why they
// can't be judged.
const muchSilence = 0.5

// silence says what share of customers nothing can be said of.
func silence(judged []judgement, cycleDays int) []string {
	silent := 0
	for _, j := range judged {
		if j.state == drift.Silent {
			silent++
		}
	}
	if share := float64(silent) / float64(max(1, len(judged))); share > muchSilence {
		return []string{fmt.Sprintf(
			"%.0f %% of the customers are silent: they are expected to order less than twice in two cycles of %d days and answered too little; longer cycles (train --cycle) judge more of them",
			100*share, cycleDays)}
	}
	return nil
}
