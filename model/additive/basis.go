package additive

import (
	"cmp"
	"math"
	"slices"
	"sort"
)

// basis is what a column is turned into: the term without its values, and
// what the penalty needs to know of its slots.
type basis struct {
	term Term
	// axis are the knots in standard deviations of the training rows.
	axis []float64
	// share of the training weight on each slot, summing to 1.
	share []float64
	// reference is the slot whose coefficient is fixed at 0 before centring.
	reference int
	prior     float64
	// precision is that of the prior slope per standard deviation, 0 for none.
	precision float64
}

// newBasis lays out the slots of column c over the rows of d.
func newBasis(d *Design, c *Column, opts Options) *basis {
	b := &basis{prior: c.Prior, term: Term{Name: c.Name, Kind: c.Kind()}}
	if b.term.Kind == Category {
		b.term.Levels = frequentLevels(d, c.Levels, opts.MinLevel)
		b.term.Values = make([]float64, len(b.term.Levels))
	} else {
		values, weights := distinct(d, c.Numbers)
		b.term.Knots = quantileKnots(values, weights, opts.Knots)
		b.term.Values = make([]float64, len(b.term.Knots))
		var deviation float64
		b.axis, deviation = standardised(b.term.Knots, values, weights)
		if c.PriorDeviation > 0 {
			b.precision = 1 / (c.PriorDeviation * c.PriorDeviation * deviation * deviation)
		}
	}
	b.share = make([]float64, b.term.Slots())
	return b
}

// settle sets the shares of the slots, given their summed weights, and picks
// the reference: the most frequent slot of a category, the knot at the middle
// of a numeric term (missing, when that is all there is).
func (b *basis) settle(sums []float64, total float64) {
	for s, w := range sums {
		b.share[s] = w / total
	}
	if b.term.Kind == Category {
		for s, share := range b.share {
			if share > b.share[b.reference] {
				b.reference = s
			}
		}
		return
	}
	knots := b.share[:len(b.term.Knots)]
	var present, below float64
	for _, share := range knots {
		present += share
	}
	b.reference = b.term.missingSlot()
	for s, share := range knots {
		if below += share; present > 0 && below >= present/2 {
			b.reference = s
			return
		}
	}
}

// seen reports whether training had rows on the slot.
func (b *basis) seen(slot int) bool { return b.share[slot] > 0 }

// frequentLevels returns the sorted levels of at least minimum rows.
func frequentLevels(d *Design, levels []string, minimum float64) []string {
	sums := make(map[string]float64)
	for i, level := range levels {
		if level != "" {
			sums[level] += d.weight(i)
		}
	}
	kept := make([]string, 0, len(sums))
	for level, weight := range sums {
		if weight >= minimum {
			kept = append(kept, level)
		}
	}
	slices.Sort(kept)
	return kept
}

// distinct returns the sorted distinct values that are not missing, with
// their weights; without any, one 0 of weight 0.
func distinct(d *Design, numbers []float64) (values, weights []float64) {
	if d.Weight == nil {
		return counted(numbers)
	}
	type weighted struct{ value, weight float64 }
	rows := make([]weighted, 0, len(numbers))
	for i, v := range numbers {
		if w := d.weight(i); !math.IsNaN(v) && w > 0 {
			rows = append(rows, weighted{v, w})
		}
	}
	// by weight as well, so that the sums do not depend on the order of rows
	slices.SortFunc(rows, func(a, b weighted) int {
		return cmp.Or(cmp.Compare(a.value, b.value), cmp.Compare(a.weight, b.weight))
	})
	for _, row := range rows {
		if k := len(values); k > 0 && values[k-1] == row.value {
			weights[k-1] += row.weight
			continue
		}
		values = append(values, row.value)
		weights = append(weights, row.weight)
	}
	if values == nil {
		return []float64{0}, []float64{0}
	}
	return values, weights
}

// counted is distinct for rows of weight 1.
func counted(numbers []float64) (values, weights []float64) {
	rows := make([]float64, 0, len(numbers))
	for _, v := range numbers {
		if !math.IsNaN(v) {
			rows = append(rows, v)
		}
	}
	slices.Sort(rows)
	for _, v := range rows {
		if k := len(values); k == 0 || values[k-1] != v {
			values, weights = append(values, v), append(weights, 0)
		}
		weights[len(weights)-1]++
	}
	if values == nil {
		return []float64{0}, []float64{0}
	}
	return values, weights
}

// The outer knots, as quantiles.
const (
	lowestQuantile  = 0.025
	highestQuantile = 0.975
)

// quantileKnots returns at most count strictly increasing knots: all values
// where they are few, otherwise evenly spaced quantiles from 2.5 to 97.5 % of
// the rows, in which no single value counts for more than one share in count
// (so that many zeros take one knot and not five).
func quantileKnots(values, weights []float64, count int) []float64 {
	if len(values) <= count {
		return spaced(values)
	}
	var total float64
	for _, w := range weights {
		total += w
	}
	most := total / float64(count)
	cumulative := make([]float64, len(values))
	var sum float64
	for i, w := range weights {
		sum += min(w, most)
		cumulative[i] = sum
	}
	knots := make([]float64, 0, count)
	for k := range count {
		q := lowestQuantile + (highestQuantile-lowestQuantile)*float64(k)/float64(count-1)
		at := min(sort.SearchFloat64s(cumulative, q*sum), len(values)-1)
		if n := len(knots); n == 0 || values[at] > knots[n-1] {
			knots = append(knots, values[at])
		}
	}
	return spaced(knots)
}

// leastGap is the least distance between two knots, as a share of the span of
// all: the penalty on bends grows with its third power, and closer knots would
// drown the data in rounding.
const leastGap = 0.002

// spaced returns the knots without those that lie too close behind another;
// the first and the last stay.
func spaced(knots []float64) []float64 {
	last := len(knots) - 1
	gap := leastGap * (knots[last] - knots[0])
	out := make([]float64, 0, len(knots))
	for i, knot := range knots {
		near := len(out) > 0 && knot-out[len(out)-1] < gap
		if i == last && near && len(out) > 1 {
			out = out[:len(out)-1]
		}
		if i == last || !near {
			out = append(out, knot)
		}
	}
	return out
}

// standardised returns the knots in standard deviations of the values
// clipped to the outer knots, and that deviation, 1 where they do not vary.
func standardised(knots, values, weights []float64) (axis []float64, deviation float64) {
	low, high := knots[0], knots[len(knots)-1]
	var total, mean, square float64
	for i, v := range values {
		v = min(max(v, low), high)
		if weights[i] == 0 {
			continue
		}
		total += weights[i]
		delta := v - mean
		mean += delta * weights[i] / total
		square += weights[i] * delta * (v - mean)
	}
	deviation = math.Sqrt(square / total)
	if !(deviation > 0) {
		deviation = 1
	}
	axis = make([]float64, len(knots))
	for k, knot := range knots {
		axis[k] = (knot - mean) / deviation
	}
	return axis, deviation
}
