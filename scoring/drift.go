package scoring

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/model/drift"
)

// leastPast is the least number of past judgements that a threshold is chosen
// on and odds are fitted on.
const leastPast = 500

// fitShop fits the shop's common movement and noise as of an instant. The
// threshold is the one that steady customers of this shop would need; a
// model's own is chosen on history.
func (s *Service) fitShop(ctx context.Context, asOf time.Time, sat model.SatisfactionParameters, labels bool) (model.DriftParameters, []model.Cycles, error) {
	out := model.DriftParameters{
		CycleDays: s.settings.CycleDays, Dispersion: 1,
		Threshold: drift.NormalThreshold(s.settings.FalseAlarms), Depth: drift.DefaultDepth,
	}
	for i := range out.Movement {
		out.Movement[i] = 1
	}
	cycles, err := s.warehouse.Cycles(ctx, model.CyclesQuery{
		AsOf: asOf, Definition: s.settings.Definition, CycleDays: s.settings.CycleDays,
		Satisfaction: sat, Labels: labels, MaxRows: s.sampleRows(), Seed: s.settings.Seed,
	})
	if err != nil || len(cycles) == 0 {
		return out, nil, err
	}
	histories, answers := asHistories(cycles, sat.Within)
	shop, err := drift.Fit(histories)
	switch {
	case errors.Is(err, drift.ErrNoHistory): // nobody has a level to be judged against
		return out, nil, nil
	case err != nil:
		return out, nil, s.fitError(ctx, "drift", err)
	}
	out.Level, out.Prior, out.Dispersion, out.Movement = shop.Level, shop.Prior, shop.Dispersion, shop.Movement
	out.Threshold = shop.SteadyThreshold(histories, s.settings.FalseAlarms, s.settings.Seed)
	shift, err := drift.FitShift(answers)
	if err != nil {
		return out, nil, s.fitError(ctx, "drift", err)
	}
	out.Shift = shift.Points
	return out, cycles, nil
}

// asHistories restates cycles in the words of model/drift. An answer's noise
// is the variance within customers.
func asHistories(cycles []model.Cycles, within float64) ([]drift.History, []drift.Answers) {
	histories, answers := make([]drift.History, len(cycles)), make([]drift.Answers, len(cycles))
	for i, c := range cycles {
		histories[i] = drift.History{Orders: c.Orders, Present: c.Present}
		for k, n := range c.AnswerCount {
			answers[i].Mean[k], answers[i].StandardError[k] = c.AnswerMean[k], math.NaN()
			if n > 0 && within > 0 {
				answers[i].StandardError[k] = math.Sqrt(within / float64(n))
			}
		}
	}
	return histories, answers
}

// fitDrift chooses the threshold on past instants with complete labels,
// measures what declines mean, and counts the states as of asOf.
func (s *Service) fitDrift(ctx context.Context, line *timeline, start, asOf time.Time) (model.DriftReport, error) {
	report := model.DriftReport{
		AsOf: asOf, CycleDays: s.settings.CycleDays, FalseAlarmsAllowed: s.settings.FalseAlarms,
		States: map[model.DriftState]int{}, Customers: []model.DriftCustomer{}, Warnings: []string{},
	}
	for _, state := range []model.DriftState{model.Stable, model.Wobbling, model.Drifting, model.Recovering, model.Silent} {
		report.States[state] = 0
	}
	history, err := s.driftHistory(ctx, line, start, asOf)
	if err != nil {
		return report, err
	}
	if len(history) == 0 {
		report.Status = model.PartStatus{Status: statusNoData, Needs: []string{
			fmt.Sprintf("orders over at least three cycles of %d days", s.settings.CycleDays),
		}}
		return report, nil
	}
	report.Status = model.PartStatus{Status: statusOK}
	report.Parameters = history[len(history)-1].drift
	rule := drift.Rule{Threshold: report.Parameters.Threshold, Depth: report.Parameters.Depth}
	past := judgeAll(history, rule)
	if err := s.chooseThreshold(ctx, history, past, &report); err != nil {
		return report, err
	}
	rule.Threshold = report.Parameters.Threshold
	judged := judgeAll(history, rule)
	if err := s.driftOdds(ctx, history, judged, &report); err != nil {
		return report, err
	}
	if err := s.driftLead(history, judged, asOf, &report); err != nil {
		return report, err
	}
	for _, j := range judged[len(judged)-1] {
		report.States[model.DriftState(j.state)]++
	}
	return report, nil
}

// chooseThreshold chooses the threshold on those who did not churn, at past
// instants whose labels were complete, and states its rate on newer ones than
// it was chosen on where the history is long enough for both.
func (s *Service) chooseThreshold(ctx context.Context, history []*instant, judged [][]judgement, report *model.DriftReport) error {
	complete := 0
	for _, at := range history {
		if at.complete {
			complete++
		}
	}
	code := historyCodes(history)
	older := pastOf(history, judged, code, 0, complete-complete/3)
	newer := pastOf(history, judged, code, complete-complete/3, complete)
	if len(older) < leastPast || len(newer) < leastPast {
		older = append(older, newer...)
		newer = nil
	}
	if len(older) < leastPast {
		report.Warnings = append(report.Warnings, fmt.Sprintf(
			"threshold: %d past judgements with complete labels, need %d: the one of simulated steady customers is used", len(older), leastPast))
		return nil
	}
	chosen, err := drift.Choose(older, s.settings.FalseAlarms, 0.95)
	if err != nil {
		return s.fitError(ctx, "drift: threshold", err)
	}
	report.Parameters.Threshold = chosen.Value
	report.Warnings = append(report.Warnings, chosen.Warnings...)
	rate := chosen.Achieved
	if newer != nil {
		rate = drift.FalseAlarms(newer, chosen.Value, 0.95)
	} else {
		report.Warnings = append(report.Warnings, "false alarms are stated on the history that the threshold was chosen on")
	}
	report.FalseAlarms = &rate.Value
	return nil
}

// pastOf returns the usable judgements at the instants from, up to to, whose
// labels were complete.
func pastOf(history []*instant, judged [][]judgement, code map[string]int, from, to int) (out []drift.Past) {
	for i := from; i < to; i++ {
		for _, j := range judged[i] {
			if j.usable && history[i].complete {
				out = append(out, drift.Past{Customer: code[j.customer], Statistic: j.statistic, Churned: j.churned})
			}
		}
	}
	return out
}

func leadTimeOf(report model.DriftReport) model.LeadTime { return report.Lead }

// Drift returns the drift of the active model's shop as of an instant (zero:
// the published snapshot's, else the watermark), with the customers who are
// not stable, worst first.
func (s *Service) Drift(ctx context.Context, asOf time.Time) (model.DriftReport, error) {
	_, file, err := s.load(ctx, 0)
	if err != nil {
		return model.DriftReport{}, err
	}
	if asOf, err = s.snapshotOr(ctx, asOf, file.Definition); err != nil {
		return model.DriftReport{}, err
	}
	report := file.Drift
	if report.Status.Status != statusOK {
		return report, nil
	}
	return s.as(file).driftNow(ctx, asOf, report)
}
