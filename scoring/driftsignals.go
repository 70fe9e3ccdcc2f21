package scoring

import (
	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/model/drift"
)

// signalsOf says how often each signal cried wolf at past instants, by the
// threshold of the model.
func signalsOf(history []*instant, judged [][]judgement, rule drift.Rule) []model.DriftSignal {
	past := pastByInstant(history, judged)
	of := map[string][]drift.Past{}
	for i, at := range past {
		k := 0
		for _, j := range judged[i] {
			if j.usable {
				of[j.by] = append(of[j.by], at[k])
				k++
			}
		}
	}
	out := make([]model.DriftSignal, 0, 3)
	for _, by := range []string{byOrders, byRhythm, bySatisfaction} {
		s := model.DriftSignal{Signal: by}
		if len(of[by]) > 0 {
			rate := drift.FalseAlarms(of[by], rule.Threshold, 0.95)
			s.FalseAlarms = &rate
		}
		out = append(out, s)
	}
	return countSignals(out, judged[len(judged)-1])
}

// countSignals counts who is judged by what at one instant.
func countSignals(signals []model.DriftSignal, judged []judgement) []model.DriftSignal {
	out := append([]model.DriftSignal{}, signals...)
	for i := range out {
		out[i].Customers, out[i].Drifting = 0, 0
		for _, j := range judged {
			if j.usable && j.by == out[i].Signal {
				out[i].Customers++
				if j.state == drift.Drifting {
					out[i].Drifting++
				}
			}
		}
	}
	return out
}
