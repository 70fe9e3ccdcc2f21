package scoring

import (
	"context"
	"fmt"
	"time"

	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/model/drift"
)

// chooseThresholds chooses the threshold of each signal on those who did not
// churn, at past instants whose labels were complete.
//
// The rates that are stated were foretold at every instant (see
// [drift.Foretell]); the last choice, on all of it, is the model's.
func (s *Service) chooseThresholds(ctx context.Context, history []*instant, judged [][]judgement, report *model.DriftReport) error {
	past := occasions(history, judged)
	var all []drift.Occasion
	for _, at := range past {
		all = append(all, at...)
	}
	if len(all) < leastPast {
		report.Warnings = append(report.Warnings, fmt.Sprintf(
			"threshold: %d past judgements with complete labels, need %d: the one of simulated steady customers is used", len(all), leastPast))
		report.Signals = signalsOf(all, drift.Foretold{}, ruleOf(report.Parameters))
		return nil
	}
	cycle := time.Duration(s.settings.CycleDays) * model.Day
	lag := int((s.settings.Definition.Horizon + cycle - 1) / cycle)
	told, err := drift.Foretell(past, lag, leastPast, s.settings.FalseAlarms)
	if err != nil {
		return s.fitError(ctx, "drift: threshold", err)
	}
	chosen, err := drift.ChooseByKind(all, told.Asked(s.settings.FalseAlarms, len(past)), 0.95)
	if err != nil {
		return s.fitError(ctx, "drift: threshold", err)
	}
	p := &report.Parameters
	p.Threshold, p.RhythmThreshold, p.SatisfactionThreshold = chosen.Rule.Threshold, chosen.Rule.Rhythm, chosen.Rule.Satisfaction
	p.PooledThreshold = chosen.Pooled
	report.Warnings = append(report.Warnings, chosen.Warnings...)
	report.Signals = signalsOf(all, told, chosen.Rule)
	rate := chosen.Achieved
	said := drift.Said(told.All, len(past))
	if len(said) >= leastPast {
		rate = drift.FalseAlarms(said, atThreshold, 0.95)
	} else {
		report.Warnings = append(report.Warnings, "false alarms are stated on the history that the threshold was chosen on")
	}
	report.FalseAlarms, report.FalseAlarmRate = &rate.Value, &rate
	report.FalseAlarmsCounted = drift.FalseRuns(said)
	return nil
}

// occasions returns the usable judgements of each instant whose labels were
// complete, with the statistics at the instant before.
func occasions(history []*instant, judged [][]judgement) (out [][]drift.Occasion) {
	code := historyCodes(history)
	before := map[int][drift.Kinds]float64{}
	for i, at := range history {
		if !at.complete {
			break
		}
		now := make(map[int][drift.Kinds]float64, len(judged[i]))
		past := []drift.Occasion{}
		for _, j := range judged[i] {
			o := drift.Occasion{Customer: code[j.customer], Churned: j.churned}
			o.Before = before[o.Customer]
			for _, signal := range []drift.Signal{j.orders, j.answers} {
				if signal.Usable {
					o.Usable[signal.Kind], o.Statistic[signal.Kind] = true, signal.Statistic()
				}
			}
			now[o.Customer] = o.Statistic
			if j.usable {
				past = append(past, o)
			}
		}
		before = now
		out = append(out, past)
	}
	return out
}
