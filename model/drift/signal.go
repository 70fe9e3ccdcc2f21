package drift

import "math"

// Kind is what a signal judges by.
type Kind int

// The kinds of signals.
const (
	// ByOrders counts orders in the cycles of the calendar.
	ByOrders Kind = iota
	// ByRhythm compares gaps between orders with the customer's own.
	ByRhythm
	// BySatisfaction compares answers with the customer's own level.
	BySatisfaction
	// Kinds is how many there are.
	Kinds = 3
)

// Signal is how far the last two cycles of one customer are from expectation,
// in units of their noise; below 0 is a decline.
type Signal struct {
	// Usable is false where nothing can be said; all else is 0 then.
	Usable bool `json:"usable"`
	// Kind is what it judges by.
	Kind Kind `json:"kind"`
	// First and Second are the two cycles, older and newer.
	First  float64 `json:"first"`
	Second float64 `json:"second"`
	// Combined is both together.
	Combined float64 `json:"combined"`
	// Tail is both together as the normal quantile of their tail probability,
	// which is comparable between signals and customers.
	Tail float64 `json:"tail"`
	// Back says that the customer has ordered since these two cycles, or within
	// the newer one, no longer ago than usual: by rhythm nobody drifts who did.
	Back bool `json:"back,omitempty"`
	// Expected is what was expected in each and Observed what was seen: orders,
	// days between orders, or points of satisfaction.
	Expected [2]float64 `json:"expected"`
	Observed [2]float64 `json:"observed"`
}

// Orders returns the decline of a customer's orders; the formulas stand in the
// package comment. It is usable where at least one baseline cycle is present
// and at least [LeastExpected] orders are expected in the two cycles.
func (s Shop) Orders(h History) Signal {
	first, second := s.Movement[Cycles-2], s.Movement[Cycles-1]
	if h.baseline() < 1 || !(first > 0 && second > 0) {
		return Signal{}
	}
	y, m := s.sums(h)
	weight := m + s.Prior
	level := (y + s.Prior*s.Level) / weight
	if !(level*(first+second) >= LeastExpected) {
		return Signal{}
	}
	z := func(seen int, movement float64) float64 {
		expected := level * movement
		return (float64(seen) - expected) / math.Sqrt(s.Dispersion*expected*(1+movement/weight))
	}
	older, newer, both := h.Orders[Cycles-2], h.Orders[Cycles-1], first+second
	return Signal{
		Usable: true, First: z(older, first), Second: z(newer, second), Combined: z(older+newer, both),
		Tail:     countTail(float64(older+newer), level*both, s.Dispersion*(1+both/weight)),
		Expected: [2]float64{level * first, level * second},
		Observed: [2]float64{float64(older), float64(newer)},
	}
}

// Statistic returns the customer's statistic over several signals, such as
// orders and satisfaction: the least Tail among usable signals that are
// below expectation in both cycles, 0 when none is. Usable is false when no
// signal is. It takes the signals' tails as they are; [Rule.Statistic] holds each
// against the threshold of its kind.
func Statistic(signals ...Signal) (statistic float64, usable bool) {
	for _, s := range signals {
		usable = usable || s.Usable
		statistic = math.Min(statistic, s.Statistic())
	}
	return statistic, usable
}

// Statistic is the statistic of this signal alone, 0 for who is back.
func (s Signal) Statistic() float64 {
	if s.Back {
		return 0
	}
	return s.twice()
}

// twice is the statistic of two cycles that are below expectation, whatever
// came after them.
func (s Signal) twice() float64 {
	if s.Usable && s.First < 0 && s.Second < 0 {
		return math.Min(0, s.Tail)
	}
	return 0
}

// First returns the first signal that is usable: who can't be judged by the
// calendar is judged by his own rhythm.
func First(signals ...Signal) Signal {
	for _, s := range signals {
		if s.Usable {
			return s
		}
	}
	return Signal{}
}
