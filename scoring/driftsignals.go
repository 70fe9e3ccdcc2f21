package scoring

import (
	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/model/drift"
)

// kindName is what a kind of signal is called in reports.
func kindName(k drift.Kind) string {
	switch k {
	case drift.ByRhythm:
		return byRhythm
	case drift.BySatisfaction:
		return bySatisfaction
	case drift.ByOrders:
	}
	return byOrders
}

// signalsOf says how often each signal cried wolf: as it was foretold, else
// (while little was) on the history that the thresholds were chosen on.
func signalsOf(past []drift.Occasion, told drift.Foretold, rule drift.Rule) []model.DriftSignal {
	out := make([]model.DriftSignal, 0, drift.Kinds)
	for k := range drift.Kind(drift.Kinds) {
		s := model.DriftSignal{Signal: kindName(k), Threshold: rule.Of(k)}
		said, threshold := drift.Said(told.ByKind[k], len(told.All)), float64(atThreshold)
		if len(said) < leastPast {
			said, threshold = nil, rule.Of(k)
			for _, o := range past {
				if o.Usable[k] {
					said = append(said, o.ByKind(k))
				}
			}
		}
		if len(said) > 0 {
			rate := drift.FalseAlarms(said, threshold, 0.95)
			s.FalseAlarms = &rate
		}
		out = append(out, s)
	}
	return out
}

// countSignals counts who can be judged by what at one instant, and who drifts
// by it.
func countSignals(signals []model.DriftSignal, judged []judgement) []model.DriftSignal {
	out := append([]model.DriftSignal{}, signals...)
	for i := range out {
		out[i].Customers, out[i].Drifting = 0, 0
		for _, j := range judged {
			for _, signal := range []drift.Signal{j.orders, j.answers} {
				if !signal.Usable || kindName(signal.Kind) != out[i].Signal {
					continue
				}
				out[i].Customers++
				if s := signal.Statistic(); s < 0 && s <= out[i].Threshold {
					out[i].Drifting++
				}
			}
		}
	}
	return out
}
