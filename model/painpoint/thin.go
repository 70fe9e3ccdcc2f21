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
	// Variance of each worth, of one customer independent of the others'; nil
	// where they are known exactly.
	Variance []float64
}

// Fewer returns the expected change of the number of those who churn (or of
// what they are worth) when each incident is removed with the probability
// remove and each one removed lowers the log-odds by weight:
//
//	change(b) = sum_i worth_i (sum_k P(left = k) p(l_i - b (count_i - k)) - p(l_i))
//
// with p the logistic function. It falls as b rises, so the interval is that
// of the weight carried over, and the standard error is by the delta method.
// The log-odds are taken as they are. Worths that are not known exactly add to
// the variance, with d_i the change of one customer's probability,
//
//	sum_i d_i^2 Variance_i
//
// and each side of the interval is the root of the sum of squares of the two
// parts (the method of variance estimates recovery: Zou and Donner 2008).
// Errors: [ErrShape], [ErrValue].
func Fewer(e Exposed, weight estimate.Estimate, remove float64) (estimate.Estimate, error) {
	if err := e.check(); err != nil {
		return estimate.Estimate{}, err
	}
	out := estimate.Estimate{Confidence: weight.Confidence, N: len(e.LogOdds)}
	var slope, own float64
	for i, l := range e.LogOdds {
		left, err := Thin(e.Count[i], remove)
		if err != nil {
			return estimate.Estimate{}, err
		}
		worth := 1.0
		if e.Worth != nil {
			worth = e.Worth[i]
		}
		now, change := logistic.Probability(l), 0.0
		for k, chance := range left {
			removed := float64(e.Count[i] - k)
			share := worth * chance
			then := logistic.Probability(l - weight.Value*removed)
			change += chance * (then - now)
			out.Value += share * (then - now)
			out.Low += share * (logistic.Probability(l-weight.High*removed) - now)
			out.High += share * (logistic.Probability(l-weight.Low*removed) - now)
			slope -= share * then * (1 - then) * removed
		}
		if e.Variance != nil {
			own += change * change * e.Variance[i]
		}
	}
	out.StandardError = math.Hypot(slope*weight.StandardError, math.Sqrt(own))
	if out.Low > out.High { // worths that add up to less than 0
		out.Low, out.High = out.High, out.Low
	}
	if own > 0 {
		margin := estimate.Quantile(out.Confidence) * math.Sqrt(own)
		out.Low, out.High = out.Value-math.Hypot(out.Value-out.Low, margin), out.Value+math.Hypot(out.High-out.Value, margin)
	}
	return out, nil
}

func (e Exposed) check() error {
	n := len(e.LogOdds)
	if len(e.Count) != n || e.Worth != nil && len(e.Worth) != n || e.Variance != nil && (e.Worth == nil || len(e.Variance) != n) {
		return fmt.Errorf("%d log-odds, %d counts, %d worths, %d variances: %w", n, len(e.Count), len(e.Worth), len(e.Variance), ErrShape)
	}
	for i, l := range e.LogOdds {
		if !finite(l) || e.Worth != nil && !finite(e.Worth[i]) {
			return fmt.Errorf("row %d has log-odds %v or is worth no number: %w", i, l, ErrValue)
		}
		if e.Variance != nil && !(finite(e.Variance[i]) && e.Variance[i] >= 0) {
			return fmt.Errorf("row %d is worth with a variance of %v: %w", i, e.Variance[i], ErrValue)
		}
	}
	return nil
}
