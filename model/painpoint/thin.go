package painpoint

import (
	"fmt"
	"math"

	"github.com/churnwatch/churnwatch/model/estimate"
	"github.com/churnwatch/churnwatch/model/logistic"
)

// Thin returns how many of count incidents are left when each of them is
// removed with the probability remove, by chance and apart: element k is
//
//	P(left = k) = C(count, k) (1 - remove)^k remove^(count - k),  k = 0 ... count
//
// so that the expectation of any effect of the number left is exact, also of
// one that is no straight line. count is at least 0, remove in [0, 1]:
// [ErrValue] otherwise.
func Thin(count int, remove float64) ([]float64, error) {
	if count < 0 || !(remove >= 0 && remove <= 1) {
		return nil, fmt.Errorf("thin %d incidents by %v: %w", count, remove, ErrValue)
	}
	left := make([]float64, count+1)
	switch {
	case remove == 0:
		left[count] = 1
		return left, nil
	case remove == 1:
		left[0] = 1
		return left, nil
	}
	all, _ := math.Lgamma(float64(count) + 1)
	for k := range left {
		kept, _ := math.Lgamma(float64(k) + 1)
		gone, _ := math.Lgamma(float64(count-k) + 1)
		left[k] = math.Exp(all - kept - gone + float64(k)*math.Log1p(-remove) + float64(count-k)*math.Log(remove))
	}
	return left, nil
}

// Exposed are customers with incidents of one pain point.
type Exposed struct {
	// LogOdds of churn as things are.
	LogOdds []float64
	// Count of incidents that a weight is about.
	Count []int
	// Worth of each customer in the sum; nil counts customers.
	Worth []float64
}

// Fewer returns the expected change of the number of those who churn (or of
// what they are worth) when each incident is removed with the probability
// remove and each one removed lowers the log-odds by weight:
//
//	change(b) = sum_i worth_i (sum_k P(left = k) p(l_i - b (count_i - k)) - p(l_i))
//
// with p the logistic function. It falls as b rises, so the interval is that
// of the weight carried over, and the standard error is by the delta method.
// The log-odds are taken as they are. Errors: [ErrShape], [ErrValue].
func Fewer(e Exposed, weight estimate.Estimate, remove float64) (estimate.Estimate, error) {
	if len(e.Count) != len(e.LogOdds) || e.Worth != nil && len(e.Worth) != len(e.LogOdds) {
		return estimate.Estimate{}, fmt.Errorf("%d log-odds, %d counts, %d worths: %w", len(e.LogOdds), len(e.Count), len(e.Worth), ErrShape)
	}
	out := estimate.Estimate{Confidence: weight.Confidence, N: len(e.LogOdds)}
	var slope float64
	for i, l := range e.LogOdds {
		left, err := Thin(e.Count[i], remove)
		if err != nil {
			return estimate.Estimate{}, err
		}
		worth := 1.0
		if e.Worth != nil {
			worth = e.Worth[i]
		}
		if !finite(l) || !finite(worth) {
			return estimate.Estimate{}, fmt.Errorf("row %d has log-odds %v and is worth %v: %w", i, l, worth, ErrValue)
		}
		now := logistic.Probability(l)
		for k, chance := range left {
			removed := float64(e.Count[i] - k)
			share := worth * chance
			then := logistic.Probability(l - weight.Value*removed)
			out.Value += share * (then - now)
			out.Low += share * (logistic.Probability(l-weight.High*removed) - now)
			out.High += share * (logistic.Probability(l-weight.Low*removed) - now)
			slope -= share * then * (1 - then) * removed
		}
	}
	out.StandardError = math.Abs(slope) * weight.StandardError
	if out.Low > out.High { // worths that add up to less than 0
		out.Low, out.High = out.High, out.Low
	}
	return out, nil
}
