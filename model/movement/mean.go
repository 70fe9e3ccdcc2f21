package movement

import (
	"fmt"
	"math"
	"slices"

	"github.com/churnwatch/churnwatch/model/estimate"
)

// Mean returns the mean of values of which those with one customer's number are
// one cluster. With e_i = v_i - mean, over G customers,
//
//	var = G/(G-1) sum_g (sum_{i in g} e_i)^2 / n^2
//
// and N is G. Errors: [ErrNothing] for fewer than two customers, [ErrValue] for
// values that are not finite. Values and customers are as many.
func Mean(values []float64, customer []int, confidence float64) (estimate.Estimate, error) {
	order := make([]int, len(values))
	sum := 0.0
	for i, v := range values {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return estimate.Estimate{}, fmt.Errorf("mean: value %d: %w", i, ErrValue)
		}
		order[i] = i
		sum += v
	}
	slices.SortStableFunc(order, func(a, b int) int { return customer[a] - customer[b] })
	mean := sum / float64(len(values))
	squares, clusters := 0.0, 0
	for i := 0; i < len(order); {
		whole, of := 0.0, customer[order[i]]
		for ; i < len(order) && customer[order[i]] == of; i++ {
			whole += values[order[i]] - mean
		}
		squares += whole * whole
		clusters++
	}
	if clusters < 2 {
		return estimate.Estimate{}, fmt.Errorf("mean of %d customers: %w", clusters, ErrNothing)
	}
	g := float64(clusters)
	se := math.Sqrt(g/(g-1)*squares) / float64(len(values))
	by := quantile(confidence, clusters-1) * se
	return estimate.Estimate{
		Value: mean, Low: mean - by, High: mean + by, StandardError: se, Confidence: confidence, N: clusters,
	}, nil
}

// MeanOf is [Mean] of n values of as many customers, by their sum and the sum of
// their squares. Errors: [ErrNothing] for fewer than two.
func MeanOf(n int, sum, squares, confidence float64) (estimate.Estimate, error) {
	if n < 2 {
		return estimate.Estimate{}, fmt.Errorf("mean of %d customers: %w", n, ErrNothing)
	}
	mean := sum / float64(n)
	se := math.Sqrt(math.Max(0, squares-mean*sum) / float64(n-1) / float64(n))
	by := quantile(confidence, n-1) * se
	return estimate.Estimate{Value: mean, Low: mean - by, High: mean + by, StandardError: se, Confidence: confidence, N: n}, nil
}
