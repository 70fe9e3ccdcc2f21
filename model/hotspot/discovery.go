package hotspot

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// Adjust returns the q-value of each p-value in the family, in the same order:
// the least false discovery rate at which it is a discovery, by Benjamini and
// Hochberg (1995): with p_(1) <= ... <= p_(m),
//
//	q_(i) = min over j >= i of m p_(j) / j, at most 1
//
// P-values are given as logs, so that order survives where they underflow. An
// empty family gives none; a log above 0 or NaN is ErrValue.
func Adjust(logP []float64) ([]float64, error) {
	m := len(logP)
	order := make([]int, m)
	for i, p := range logP {
		if !(p <= 0) {
			return nil, fmt.Errorf("log p-value %d is %v: %w", i, p, ErrValue)
		}
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(logP[a], logP[b]) })
	q := make([]float64, m)
	least := 1.0
	for rank := m; rank > 0; rank-- {
		i := order[rank-1]
		least = math.Min(least, float64(m)/float64(rank)*math.Exp(logP[i]))
		q[i] = least
	}
	return q, nil
}
