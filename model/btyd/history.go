package btyd

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// History is what is known of the orders of one customer, or of several alike.
type History struct {
	// Repeats are x, the orders after the first.
	Repeats int
	// Last is t, the time from the first order to the last; 0 without repeats.
	Last float64
	// Age is T, the time from the first order to now, at least Last, above 0.
	Age float64
	// Customers with this history; 0 is taken as 1.
	Customers int
}

func (h History) customers() float64 { return float64(max(h.Customers, 1)) }

// Group joins equal histories, ordered by repeats, last order and age. The
// likelihood of the result is that of the input; its cost is that of the
// distinct histories.
func Group(histories []History) []History {
	out := slices.Clone(histories)
	slices.SortFunc(out, func(a, b History) int {
		return cmp.Or(cmp.Compare(a.Repeats, b.Repeats), cmp.Compare(a.Last, b.Last), cmp.Compare(a.Age, b.Age))
	})
	n := 0
	for _, h := range out {
		h.Customers = max(h.Customers, 1)
		if n > 0 && out[n-1].Repeats == h.Repeats && out[n-1].Last == h.Last && out[n-1].Age == h.Age {
			out[n-1].Customers += h.Customers
			continue
		}
		out[n] = h
		n++
	}
	return out[:n]
}

func checkHistories(histories []History) error {
	for i, h := range histories {
		switch {
		case h.Repeats < 0 || h.Customers < 0:
			return fmt.Errorf("history %d has %d repeats of %d customers: %w", i, h.Repeats, h.Customers, ErrValue)
		case !(h.Age > 0) || math.IsInf(h.Age, 1) || !(h.Last >= 0) || h.Last > h.Age:
			return fmt.Errorf("history %d has its last order at %v of %v: %w", i, h.Last, h.Age, ErrValue)
		case (h.Repeats == 0) != (h.Last == 0):
			return fmt.Errorf("history %d has %d repeats and its last order at %v: %w", i, h.Repeats, h.Last, ErrValue)
		}
	}
	return nil
}
