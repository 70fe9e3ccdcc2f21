package evaluate

import (
	"fmt"
	"math"
)

// Gain returns the share of all churn that stands in the top fraction of the
// ranking.
//
// The top holds the first k = max(1, floor(fraction n)) rows, or under weights
// the first rows up to the weight W k/n, the row at the border counting with
// the part of it that fits. Fraction is in (0, 1].
func (r *Ranking) Gain(weight []float64, fraction float64) float64 {
	w := r.weights(weight)
	churned, all := r.totals(w)
	room := all * r.share(fraction)
	var caught float64
	for i, row := range r.row {
		part := math.Min(w[row], room)
		if r.churned[i] {
			caught += part
		}
		room -= part
		if room <= 0 {
			break
		}
	}
	return caught / churned
}

// Lift returns the churn rate in the top fraction over the churn rate of all:
//
//	lift = (churned in top / top) / (churned / all)
//
// so 1 is what a random order gives. The top is that of [Ranking.Gain].
func (r *Ranking) Lift(weight []float64, fraction float64) float64 {
	return r.Gain(weight, fraction) / r.share(fraction)
}

// share returns k/n of the top fraction. The tiny addend keeps 0.1 of 30 at 3
// where the product is a hair below.
func (r *Ranking) share(fraction float64) float64 {
	n := float64(r.Len())
	return math.Max(1, math.Floor(fraction*n+1e-9)) / n
}

// Lift returns the churn rate among the top fraction by score, over the base
// rate; see [Ranking.Lift].
//
// Rows of equal score are ordered by tie, which should be a hash of the
// customer's id (nil: the position). Fraction is in (0, 1], such as 0.05,
// 0.10, 0.20. Errors: [ErrShape], [ErrValue], [ErrOneClass].
func Lift(score []float64, churned []bool, tie []uint64, fraction float64) (float64, error) {
	r, err := top(score, churned, tie, fraction)
	if err != nil {
		return 0, fmt.Errorf("lift: %w", err)
	}
	return r.Lift(nil, fraction), nil
}

// Gain returns the share of all churn among the top fraction by score; see
// [Ranking.Gain], and [Lift] for preconditions and errors.
func Gain(score []float64, churned []bool, tie []uint64, fraction float64) (float64, error) {
	r, err := top(score, churned, tie, fraction)
	if err != nil {
		return 0, fmt.Errorf("gain: %w", err)
	}
	return r.Gain(nil, fraction), nil
}

// top ranks rows and checks the fraction.
func top(score []float64, churned []bool, tie []uint64, fraction float64) (*Ranking, error) {
	if !(fraction > 0 && fraction <= 1) {
		return nil, fmt.Errorf("fraction %v: %w", fraction, ErrValue)
	}
	return twoClasses(score, churned, tie)
}
