package drift

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
	// Recovering customers drifted one cycle ago, and are back.
	Recovering State = "recovering"
	// Silent customers give nothing to judge by.
	Silent State = "silent"
)

// DefaultDepth is the depth of a one-cycle decline where a Rule gives none: the
// normal quantile that one cycle in ten falls below.
const DefaultDepth = 1.2816

// Rule turns signals into states.
type Rule struct {
	// Threshold is the statistic at or below which a customer drifts; it is
	// negative, see [Choose].
	Threshold float64 `json:"threshold"`
	// Depth is how far below expectation one cycle must be to count as a
	// decline, in units of its noise; 0 means [DefaultDepth].
	Depth float64 `json:"depth,omitempty"`
}

// State returns the customer's state from the usable signals:
//
//	silent      no signal is usable
//	drifting    the statistic is at most the threshold
//	recovering  drifted one cycle ago, and the newer cycle is no decline now
//	wobbling    one of the two cycles is a decline (at most -Depth)
//	stable      else
//
// in this order. WasDrifting is the answer of the same rule one cycle earlier.
func (r Rule) State(wasDrifting bool, signals ...Signal) State {
	statistic, usable := Statistic(signals...)
	older, newer := r.declined(signals)
	switch {
	case !usable:
		return Silent
	case r.drifts(statistic):
		return Drifting
	case wasDrifting && !newer:
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
	statistic, _ := Statistic(signals...)
	older, newer := r.declined(signals)
	switch {
	case r.drifts(statistic):
		return 2
	case older || newer:
		return 1
	}
	return 0
}

// drifts reports whether a statistic is an alarm.
func (r Rule) drifts(statistic float64) bool { return reaches(statistic, r.Threshold) }

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
