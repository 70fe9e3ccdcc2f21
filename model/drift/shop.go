package drift

import (
	"fmt"
	"math"
)

const (
	// Cycles is the number of cycles of a History: the baseline and the two
	// that are judged.
	Cycles = Baseline + 2
	// Baseline is the number of cycles that make the own level.
	Baseline = 6
	// LeastExpected is the number of orders that must be expected in the two
	// cycles together for orders to be judged.
	LeastExpected = 2
	// mostPrior bounds the weight of the shop's mean, in cycles, where
	// customers do not differ beyond chance.
	mostPrior = 1e6
)

// History is one customer's orders in the last cycles.
type History struct {
	// Orders per cycle, oldest first; the last two are judged.
	Orders [Cycles]int
	// Present is how many cycles, counted back from the newest, lie wholly after
	// the day of the first order: 0 to 8. Orders of earlier cycles are ignored.
	Present int
}

// baseline returns the number of baseline cycles present.
func (h History) baseline() int { return max(h.Present-2, 0) }

// Shop is what customers have in common: the bound parameters of the formulas
// in the package comment.
type Shop struct {
	// Level is mu, the mean number of orders per customer and ordinary cycle.
	Level float64 `json:"level"`
	// Prior is k, the weight of Level in a customer's own level, in cycles.
	Prior float64 `json:"prior_cycles"`
	// Dispersion is phi, the variance of a count over its mean, at least 1.
	Dispersion float64 `json:"dispersion"`
	// Movement is m, the common movement per cycle, oldest first; its mean over
	// the baseline cycles is 1.
	Movement [Cycles]float64 `json:"movement"`
	// Customers is the number of customers behind the fit.
	Customers int      `json:"customers"`
	Warnings  []string `json:"warnings,omitempty"`
}

// Fit estimates the shop's parameters from customers with at least one
// baseline cycle present; it looks at nobody else.
//
// With y_ic the orders of customer i in cycle c, Y_i and M_i the sums of y and
// m over his baseline cycles, and S_i the sum of m^2:
//
//	m_c  = sum_i y_ic / sum_i Y_i/M_i over customers present in c, the baseline
//	       ones iterated to agreement (the Poisson likelihood of level x movement)
//	phi  = sum_i sum_c (y_ic - m_c Y_i/M_i)^2 / sum_i Y_i/M_i (M_i - S_i/M_i),
//	       baseline only, at least 1
//	mu   = sum Y_i / sum M_i
//	tau2 = (sum_i M_i (Y_i/M_i - mu)^2 - (n-1) phi mu) / (sum M_i - sum M_i^2 / sum M_i)
//	k    = phi mu / tau2, at most 1e6 (customers differ by no more than chance)
//
// phi and tau2 are moment estimators, unbiased where Var y_ic = phi E y_ic;
// Buehlmann and Straub (1970). Errors: [ErrValue] for negative orders or
// Present outside [0, 8], [ErrNoHistory]. Fewer than 30 customers give a
// warning. Sums run in the order of histories: sort them by id.
func Fit(histories []History) (Shop, error) {
	used := make([]History, 0, len(histories))
	orders := 0
	for i, h := range histories {
		if h.Present < 0 || h.Present > Cycles {
			return Shop{}, fmt.Errorf("fit drift: customer %d present in %d cycles: %w", i, h.Present, ErrValue)
		}
		for _, n := range h.Orders {
			if n < 0 {
				return Shop{}, fmt.Errorf("fit drift: customer %d has %d orders in a cycle: %w", i, n, ErrValue)
			}
		}
		if h.baseline() > 0 {
			used = append(used, h)
			for _, n := range h.Orders[Baseline-h.baseline() : Baseline] {
				orders += n
			}
		}
	}
	if orders == 0 {
		return Shop{}, fmt.Errorf("fit drift: %d customers: %w", len(histories), ErrNoHistory)
	}
	s := Shop{Customers: len(used)}
	if len(used) < thin {
		s.Warnings = append(s.Warnings, fmt.Sprintf("%d customers with a baseline, %d are needed for a sure noise and movement", len(used), thin))
	}
	fitMovement(&s, used)
	fitSpread(&s, used)
	return s, nil
}

// fitMovement iterates levels and movement until they agree.
func fitMovement(s *Shop, used []History) {
	for c := range s.Movement {
		s.Movement[c] = 1
	}
	for range 500 {
		before := s.Movement
		moveOnce(s, used)
		change := 0.0
		for c := range Baseline {
			change = math.Max(change, math.Abs(s.Movement[c]-before[c]))
		}
		if change < 1e-12 {
			return
		}
	}
	s.Warnings = append(s.Warnings, "the common movement did not settle")
}

// moveOnce updates each cycle's movement from the levels, and norms them. A
// cycle in which nobody was present keeps 1.
func moveOnce(s *Shop, used []History) {
	var seen, expected [Cycles]float64
	for _, h := range used {
		y, m := s.sums(h)
		if m <= 0 {
			continue
		}
		for c := Baseline - h.baseline(); c < Cycles; c++ {
			seen[c] += float64(h.Orders[c])
			expected[c] += y / m
		}
	}
	var sum, count float64
	for c := range Cycles {
		if expected[c] > 0 {
			s.Movement[c] = seen[c] / expected[c]
		}
		if c < Baseline && expected[c] > 0 {
			sum += s.Movement[c]
			count++
		}
	}
	for c := range Cycles {
		if expected[c] > 0 && sum > 0 {
			s.Movement[c] *= count / sum
		}
	}
}

// sums returns the orders and the movement of a customer's baseline.
func (s Shop) sums(h History) (y, m float64) {
	for c := Baseline - h.baseline(); c < Baseline; c++ {
		y += float64(h.Orders[c])
		m += s.Movement[c]
	}
	return y, m
}

// fitSpread estimates dispersion, mean level and the spread of levels.
func fitSpread(s *Shop, used []History) {
	var squares, noise, orders, cycles, cyclesSquared, n float64
	for _, h := range used {
		y, m := s.sums(h)
		if m <= 0 {
			continue
		}
		var movementSquared float64
		for c := Baseline - h.baseline(); c < Baseline; c++ {
			d := float64(h.Orders[c]) - s.Movement[c]*y/m
			squares += d * d
			movementSquared += s.Movement[c] * s.Movement[c]
		}
		noise += y / m * (m - movementSquared/m)
		orders += y
		cycles += m
		cyclesSquared += m * m
		n++
	}
	s.Dispersion = 1
	if noise > 0 {
		s.Dispersion = math.Max(1, squares/noise)
	}
	s.Level = orders / cycles
	var between float64
	for _, h := range used {
		if y, m := s.sums(h); m > 0 {
			between += m * (y/m - s.Level) * (y/m - s.Level)
		}
	}
	s.Prior = mostPrior
	if spread := cycles - cyclesSquared/cycles; spread > 0 {
		tau2 := (between - (n-1)*s.Dispersion*s.Level) / spread
		if tau2 > 0 {
			s.Prior = math.Min(mostPrior, s.Dispersion*s.Level/tau2)
		}
	}
}

// Baselines returns M_B for B = 1..6 at index B-1: the movement summed over the
// newest B baseline cycles, for use in SQL.
func (s Shop) Baselines() [Baseline]float64 {
	var out [Baseline]float64
	var sum float64
	for b := range Baseline {
		sum += s.Movement[Baseline-1-b]
		out[b] = sum
	}
	return out
}
