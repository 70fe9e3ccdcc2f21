package drift

import "math"

// State is what the last two cycles say about a customer.
type State string

// The states.
const (
	// Stable customers are where they are expected to be.
	Stable State = "stable"
	// Wobbling customers had one cycle clearly below expectation.
	Wobbling State = "wobbling"
	// Drifting customers were below in both, and beyond the threshold together.
	Drifting State = "drifting"
	// Recovering customers drifted, one cycle ago or until their last order, and
	// are back.
	Recovering State = "recovering"
	// Silent customers give nothing to judge by.
	Silent State = "silent"
)

// DefaultDepth is the depth of a one-cycle decline where a Rule gives none: the
// normal quantile that one cycle in ten falls below.
const DefaultDepth = 1.2816

// Rule turns signals into states.
type Rule struct {
	// Threshold is the statistic at or below which a customer drifts, of orders
	// and of the kinds without one of their own; it is negative, see [Choose].
	Threshold float64 `json:"threshold"`
	// Rhythm and Satisfaction are those of the other kinds of signals, see
	// [ChooseByKind]; 0 means Threshold.
	Rhythm       float64 `json:"threshold_rhythm,omitempty"`
	Satisfaction float64 `json:"threshold_satisfaction,omitempty"`
	// Depth is how far below expectation one cycle must be to count as a
	// decline, in units of its noise; 0 means [DefaultDepth].
	Depth float64 `json:"depth,omitempty"`
}

// State returns the customer's state from the usable signals:
//
//	silent      no signal is usable
//	drifting    the statistic of a signal is at most the threshold of its kind
//	recovering  drifted one cycle ago, and the newer cycle is no decline now; or
//	            is back from two cycles that are beyond the threshold together
//	wobbling    one of the two cycles is a decline (at most -Depth)
//	stable      else
//
// in this order. WasDrifting is the answer of the same rule one cycle earlier.
func (r Rule) State(wasDrifting bool, signals ...Signal) State {
	_, usable := Statistic(signals...)
	older, newer := r.declined(signals)
	switch {
	case !usable:
		return Silent
	case r.drifts(signals):
		return Drifting
	case wasDrifting && !newer, r.returned(signals):
		return Recovering
	case older || newer:
		return Wobbling
	}
	return Stable
}

// Declines returns the number of declines that a customer's signals show, as
// [OddsRatios] counts them: 2 when drifting, 1 when one of the two cycles is a
// decline, else 0.
func (r Rule) Declines(signals ...Signal) int {
	older, newer := r.declined(signals)
	switch {
	case r.drifts(signals):
		return 2
	case older || newer:
		return 1
	}
	return 0
}

// Of returns the threshold of a kind of signal.
func (r Rule) Of(k Kind) float64 {
	switch {
	case k == ByRhythm && r.Rhythm != 0:
		return r.Rhythm
	case k == BySatisfaction && r.Satisfaction != 0:
		return r.Satisfaction
	}
	return r.Threshold
}

// Statistic is the customer's statistic in units of the thresholds: the least
// of statistic / |threshold| over the usable signals, at most 0. At or below -1
// it is an alarm, whatever the kind. Usable is false when no signal is.
func (r Rule) Statistic(signals ...Signal) (scaled float64, usable bool) {
	for _, s := range signals {
		usable = usable || s.Usable
		scaled = math.Min(scaled, r.scale(s.Kind, s.Statistic()))
	}
	return scaled, usable
}

// scale restates a statistic in units of its threshold; below a threshold
// that is not negative everybody alarms who is below twice.
func (r Rule) scale(k Kind, statistic float64) float64 {
	if statistic == 0 {
		return 0
	}
	return statistic / math.Max(-r.Of(k), math.SmallestNonzeroFloat64)
}

// drifts reports whether a signal is an alarm.
func (r Rule) drifts(signals []Signal) bool {
	for _, s := range signals {
		if reaches(s.Statistic(), r.Of(s.Kind)) {
			return true
		}
	}
	return false
}

// returned reports whether somebody is back from two cycles of a signal that
// would be an alarm had they not ended.
func (r Rule) returned(signals []Signal) bool {
	for _, s := range signals {
		if s.Back && reaches(s.twice(), r.Of(s.Kind)) {
			return true
		}
	}
	return false
}

// declined reports whether any usable signal shows a decline in the older and
// in the newer cycle.
func (r Rule) declined(signals []Signal) (older, newer bool) {
	depth := r.Depth
	if depth == 0 {
		depth = DefaultDepth
	}
	for _, s := range signals {
		if s.Usable {
			older = older || s.First <= -depth
			newer = newer || s.Second <= -depth
		}
	}
	return older, newer
}
