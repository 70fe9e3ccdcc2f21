package scoring

import (
	"cmp"
	"context"
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
	judged := now.judge(rule)
	report.AsOf = asOf
	parameters := now.drift
	parameters.Threshold = rule.Threshold
	report.Parameters = parameters
	report.Customers = []model.DriftCustomer{}
	for state := range report.States {
		report.States[state] = 0
	}
	for i, j := range judged {
		report.States[model.DriftState(j.state)]++
		if j.state != drift.Drifting && j.state != drift.Wobbling && j.state != drift.Recovering {
			continue
		}
		orders := now.cycles[i].Orders
		report.Customers = append(report.Customers, model.DriftCustomer{
			CustomerID: j.customer, State: model.DriftState(j.state),
			Declines: [2]float64{j.orders.First, j.orders.Second}, Combined: j.orders.Combined,
			Expected: j.orders.Expected[0] + j.orders.Expected[1], Observed: orders[len(orders)-2] + orders[len(orders)-1],
		})
	}
	slices.SortStableFunc(report.Customers, func(a, b model.DriftCustomer) int {
		return cmp.Or(cmp.Compare(severity(a.State), severity(b.State)), cmp.Compare(a.Combined, b.Combined), cmp.Compare(a.CustomerID, b.CustomerID))
	})
	return report, nil
}

func severity(state model.DriftState) int {
	return slices.Index([]model.DriftState{model.Drifting, model.Wobbling, model.Recovering}, state)
}
