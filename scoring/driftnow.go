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
	now, err := s.newTimeline(asOf).at(ctx, asOf, asOf)
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
	parameters := keepThresholds(now.drift, report.Parameters)
	judged := now.judge(ruleOf(parameters))
	report.AsOf = asOf
	report.Parameters = parameters
	report.Customers = []model.DriftCustomer{}
	for state := range report.States {
		report.States[state] = 0
	}
	report.Warnings = append(report.Warnings, silence(judged, s.settings.CycleDays)...)
	report.Signals = countSignals(report.Signals, judged)
	declines, err := now.orderDeclines()
	if err != nil {
		return report, err
	}
	report.OrderDecline = declines.now(report.OrderDecline)
	for i, j := range judged {
		report.States[model.DriftState(j.state)]++
		decline := declines.of(i)
		if severity(model.DriftState(j.state)) < 0 && (decline == nil || !decline.Flagged) {
			continue
		}
		customer := j.describe(now.cycles[i])
		customer.OrderDecline = decline
		report.Customers = append(report.Customers, customer)
	}
	slices.SortStableFunc(report.Customers, func(a, b model.DriftCustomer) int {
		return cmp.Or(cmp.Compare(order(a.State), order(b.State)), cmp.Compare(a.Combined, b.Combined), cmp.Compare(a.CustomerID, b.CustomerID))
	})
	return report, nil
}

// severity is the place of a state among those that are listed, -1 for others.
func severity(state model.DriftState) int {
	return slices.Index([]model.DriftState{model.Drifting, model.Wobbling, model.Recovering}, state)
}

// order puts the states that are listed for another reason last.
func order(state model.DriftState) int {
	if at := severity(state); at >= 0 {
		return at
	}
	return severity(model.Recovering) + 1
}

// describe shows the signal that decides a customer's state, of a rhythm in
// days of the calendar.
func (j judgement) describe(c model.Cycles) model.DriftCustomer {
	signal := j.orders
	if j.by == bySatisfaction {
		signal = j.answers
	}
	out := model.DriftCustomer{
		CustomerID: j.customer, State: model.DriftState(j.state), Signal: j.by,
		Declines: [2]float64{signal.First, signal.Second}, Combined: signal.Tail,
		Seen: signal.Observed[0] + signal.Observed[1], Usual: signal.Expected[0] + signal.Expected[1],
		Observed: c.Orders[drift.Cycles-2] + c.Orders[drift.Cycles-1],
	}
	switch j.by {
	case byOrders:
		out.Unit = "orders"
	case byRhythm:
		out.Unit = "days"
	case bySatisfaction:
		out.Unit, out.Seen, out.Usual = "points", out.Seen/2, out.Usual/2
	}
	if j.expectsOrders {
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
			"%.0f %% of the customers are silent: they are expected to order less than twice in two cycles of %d days, have fewer than three days with an order or paused for more than %d of their usual gaps, and answered too little",
			100*share, cycleDays, drift.LongestPause)}
	}
	return nil
}
