package scoring

import (
	"context"
	"fmt"
	"time"

	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/model/drift"
)

const (
	// trustInRate is the number of false alarms that the rate asked for counts
	// beside those that were raised, when the one corrects the other.
	trustInRate = 20
	// mostCorrection bounds how far the rate asked for is corrected.
	mostCorrection = 2
)

// chooseThreshold chooses the threshold on those who did not churn, at past
// instants whose labels were complete.
//
// The rate that is stated was foretold at every instant: at each past one the
// threshold is chosen on what was complete then, and its false alarms are
// counted afterwards. Where they come out above the rate asked for, less is
// asked of the next choice, and more where they stay below; the last such
// choice is the model's (adaptive conformal inference; Gibbs and Candes 2021).
func (s *Service) chooseThreshold(ctx context.Context, history []*instant, judged [][]judgement, report *model.DriftReport) error {
	past := pastByInstant(history, judged)
	var all []drift.Past
	for _, at := range past {
		all = append(all, at...)
	}
	if len(all) < leastPast {
		report.Warnings = append(report.Warnings, fmt.Sprintf(
			"threshold: %d past judgements with complete labels, need %d: the one of simulated steady customers is used", len(all), leastPast))
		return nil
	}
	cycle := time.Duration(s.settings.CycleDays) * model.Day
	lag := int((s.settings.Definition.Horizon + cycle - 1) / cycle)
	told, err := foretell(past, lag, s.settings.FalseAlarms)
	if err != nil {
		return s.fitError(ctx, "drift: threshold", err)
	}
	chosen, err := drift.Choose(all, told.asked(s.settings.FalseAlarms, len(past)), 0.95)
	if err != nil {
		return s.fitError(ctx, "drift: threshold", err)
	}
	report.Parameters.Threshold = chosen.Value
	report.Warnings = append(report.Warnings, chosen.Warnings...)
	rate := chosen.Achieved
	if held := told.all(len(past)); len(held) >= leastPast {
		rate = drift.FalseAlarms(held, -1, 0.95)
	} else {
		report.Warnings = append(report.Warnings, "false alarms are stated on the history that the threshold was chosen on")
	}
	report.FalseAlarms, report.FalseAlarmRate = &rate.Value, &rate
	report.FalseAlarmsCounted = falseRuns(told.all(len(past)))
	return nil
}

// foretold is what was said at past instants by thresholds chosen before
// them: the statistics are -1 for an alarm and 0 for none.
type foretold [][]drift.Past

// foretell judges each instant by the threshold chosen on the labels that were
// complete then, lag instants back.
func foretell(past [][]drift.Past, lag int, rate float64) (foretold, error) {
	out := make(foretold, len(past))
	var known []drift.Past
	last := map[int]float64{} // by customer, what was said at the instant before
	for t := range past {
		if t >= lag {
			known = append(known, past[t-lag]...)
		}
		if float64(len(known))*rate/1000 < trustInRate/4 || len(known) < leastPast {
			continue
		}
		chosen, err := drift.Choose(known, out.asked(rate, t-lag+1), 0.95)
		if err != nil {
			return nil, err
		}
		said := make(map[int]float64, len(past[t]))
		for _, p := range past[t] {
			alarm := 0.0
			if p.Statistic < 0 && p.Statistic <= chosen.Value {
				alarm = -1
			}
			said[p.Customer] = alarm
			before, ok := last[p.Customer]
			if !ok && p.Before < 0 && p.Before <= chosen.Value {
				before = -1 // the first instant judged: the run began before it
			}
			out[t] = append(out[t], drift.Past{Customer: p.Customer, Statistic: alarm, Before: before, Churned: p.Churned})
		}
		last = said
	}
	return out, nil
}

// all returns what was said at the first n instants.
func (f foretold) all(n int) (out []drift.Past) {
	for _, at := range f[:max(n, 0)] {
		out = append(out, at...)
	}
	return out
}

// asked returns the rate to ask for so that the rate wanted comes out, by the
// first n instants.
func (f foretold) asked(rate float64, n int) float64 {
	kept := 0
	said := f.all(n)
	for _, p := range said {
		if !p.Churned {
			kept++
		}
	}
	expected, found := rate/1000*float64(kept), float64(falseRuns(said))
	factor := (expected + trustInRate) / (found + trustInRate)
	return rate * min(max(factor, 1.0/mostCorrection), mostCorrection)
}

// falseRuns counts the runs of alarms that began and that no churn followed.
func falseRuns(said []drift.Past) (n int) {
	for _, p := range said {
		if !p.Churned && p.Statistic < 0 && p.Before == 0 {
			n++
		}
	}
	return n
}

// pastByInstant returns the usable judgements of each instant whose labels
// were complete, with the statistic at the instant before.
func pastByInstant(history []*instant, judged [][]judgement) (out [][]drift.Past) {
	code := historyCodes(history)
	before := map[int]float64{}
	for i, at := range history {
		if !at.complete {
			break
		}
		now := make(map[int]float64, len(judged[i]))
		past := []drift.Past{}
		for _, j := range judged[i] {
			c := code[j.customer]
			now[c] = j.statistic
			if j.usable {
				past = append(past, drift.Past{Customer: c, Statistic: j.statistic, Before: before[c], Churned: j.churned})
			}
		}
		before = now
		out = append(out, past)
	}
	return out
}
