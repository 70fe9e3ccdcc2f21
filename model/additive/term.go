package additive

import (
	"math"
	"slices"
	"sort"
)

// Term is the contribution of one feature to the log-odds, before
// calibration: over the training rows its weighted mean is 0.
type Term struct {
	Name string `json:"name"`
	Kind Kind   `json:"kind"`
	// Knots of a numeric term, strictly increasing, at least one. Between
	// them the contribution is linear, beyond the outer ones constant.
	Knots []float64 `json:"knots,omitempty"`
	// Levels of a category, sorted; the rest is Other.
	Levels []string `json:"levels,omitempty"`
	// Values are the contributions at the knots or of the levels.
	Values []float64 `json:"values"`
	// Other is the contribution of a level that is not in Levels.
	Other float64 `json:"other"`
	// Missing is the contribution of NaN or "".
	Missing float64 `json:"missing"`
	// OtherVariance and MissingVariance are positive where training had no
	// such row: the contribution is then 0 and its variance Spread squared,
	// as if the value were drawn from the training rows.
	OtherVariance   float64 `json:"other_variance"`
	MissingVariance float64 `json:"missing_variance"`
	// Spread is the standard deviation of the contribution over the training
	// rows: how much the term matters.
	Spread float64 `json:"spread"`
}

// Slots returns the number of the term's coefficients: one a knot or level,
// one for other (categories only), one for missing.
func (t *Term) Slots() int {
	if t.Kind == Category {
		return len(t.Levels) + 2
	}
	return len(t.Knots) + 1
}

// otherSlot is the slot of a level that is not listed.
func (t *Term) otherSlot() int { return len(t.Levels) }

func (t *Term) missingSlot() int { return t.Slots() - 1 }

// At returns where v lies in the term's basis: weight 1-share on slot and
// share on slot+1, 0 <= share < 1. Slots are numbered as the term's
// coefficients are. A share is positive only between two knots.
func (t *Term) At(v Value) (slot int, share float64) {
	if t.Kind == Category {
		if v.Level == "" {
			return t.missingSlot(), 0
		}
		if i, ok := slices.BinarySearch(t.Levels, v.Level); ok {
			return i, 0
		}
		return t.otherSlot(), 0
	}
	x, last := v.Number, len(t.Knots)-1
	switch {
	case math.IsNaN(x):
		return t.missingSlot(), 0
	case x <= t.Knots[0]:
		return 0, 0
	case x >= t.Knots[last]:
		return last, 0
	}
	slot = sort.Search(last, func(i int) bool { return t.Knots[i+1] > x })
	return slot, (x - t.Knots[slot]) / (t.Knots[slot+1] - t.Knots[slot])
}

// coefficient returns the contribution of a slot.
func (t *Term) coefficient(slot int) float64 {
	switch {
	case slot == t.missingSlot():
		return t.Missing
	case t.Kind == Category && slot == t.otherSlot():
		return t.Other
	}
	return t.Values[slot]
}

// setCoefficient is the inverse of coefficient.
func (t *Term) setCoefficient(slot int, v float64) {
	switch {
	case slot == t.missingSlot():
		t.Missing = v
	case t.Kind == Category && slot == t.otherSlot():
		t.Other = v
	default:
		t.Values[slot] = v
	}
}

// unseenVariance is the extra variance of a slot that training did not have.
func (t *Term) unseenVariance(slot int) float64 {
	switch {
	case slot == t.missingSlot():
		return t.MissingVariance
	case t.Kind == Category && slot == t.otherSlot():
		return t.OtherVariance
	}
	return 0
}

// Contribution returns the term's contribution at v, before calibration.
func (t *Term) Contribution(v Value) float64 {
	slot, share := t.At(v)
	c := t.coefficient(slot)
	if share > 0 {
		c += share * (t.coefficient(slot+1) - c)
	}
	return c
}
