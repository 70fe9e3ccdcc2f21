package drift

import "math"

// Signal is how far the last two cycles of one customer are from expectation,
// in units of their noise; below 0 is a decline.
type Signal struct {
	// Usable is false where nothing can be said; all else is 0 then.
	Usable bool `json:"usable"`
	// First and Second are the two cycles, older and newer.
	First  float64 `json:"first"`
	Second float64 `json:"second"`
	// Combined is both together.
	Combined float64 `json:"combined"`
	// Expected is what was expected in each: orders, or points of satisfaction.
	Expected [2]float64 `json:"expected"`
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
	older, newer := h.Orders[Cycles-2], h.Orders[Cycles-1]
	return Signal{
		Usable: true, First: z(older, first), Second: z(newer, second), Combined: z(older+newer, first+second),
		Expected: [2]float64{level * first, level * second},
	}
}

// Multiple returns k, the number of base cycles that make one cycle of the
// customer's own rhythm: the least k for which two such cycles expect
// [LeastExpected] orders, given the orders expected in one base cycle. It
// returns 0 where k would exceed most, or the level is not positive: such a
// customer is judged by satisfaction or not at all. Customers of one k are
// fitted and judged together, in cycles of k times the length.
func Multiple(levelPerCycle float64, most int) int {
	if !(levelPerCycle > 0) {
		return 0
	}
	k := math.Ceil(LeastExpected / 2 / levelPerCycle)
	if k > float64(most) {
		return 0
	}
	return int(k)
}

// Statistic returns the customer's statistic over several signals, such as
// orders and satisfaction: the least Combined among usable signals that are
// below expectation in both cycles, 0 when none is. Usable is false when no
// signal is. More than one signal raises the chance of a false alarm; [Choose]
// allows for that, because it sees the same statistic.
func Statistic(signals ...Signal) (statistic float64, usable bool) {
	for _, s := range signals {
		if !s.Usable {
			continue
		}
		usable = true
		if s.First < 0 && s.Second < 0 {
			statistic = math.Min(statistic, s.Combined)
		}
	}
	return statistic, usable
}
