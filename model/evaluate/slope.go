package evaluate

import (
	"fmt"
	"math"

	"github.com/churnwatch/churnwatch/model/estimate"
)

// CalibrationSlopes returns the logistic recalibration slope at each cutoff,
// b of P(churn) = logistic(a + b logit p), and the mean over the cutoffs, with
// errors that hold for customers who stand at several cutoffs.
//
// Below 1 the scores are too extreme, above 1 too timid. With e the influence
// of a row on its cutoff's slope, the slope's row of the inverse information
// matrix times the row's score w (y - q) [1, logit p], the variance of the
// mean over k cutoffs is
//
//	sum over customers of (sum over the customer's rows of e/k)^2 G/(G-1)
//
// with G customers, that of one cutoff likewise: the sandwich clustered by
// customer, to which resampling customers leads at a thousand times the cost.
//
// Confidence 0 means 0.95. A cutoff without a slope (equal or separating
// scores) is the zero Estimate with a warning, and is left out of the mean.
// Errors as [Bootstrap]. Cox (1958); Liang and Zeger (1986).
func CalibrationSlopes(cutoffs []Cutoff, confidence float64) (Intervals, error) {
	s, err := newSample(cutoffs)
	if err != nil {
		return Intervals{}, fmt.Errorf("calibration slopes: %w", err)
	}
	confidence = orDefault(confidence)
	var out Intervals
	together, alone := make([]float64, s.customers), make([]float64, s.customers)
	var sum, defined float64
	for c, r := range s.ranking {
		clear(alone)
		n := distinct(s.customer[c])
		slope, ok := r.slopeInfluence(s.cutoffs[c].Weight, s.customer[c], alone)
		if !ok {
			out.Cutoffs = append(out.Cutoffs, estimate.Estimate{Confidence: confidence, N: n}.
				Warn("scores are equal or separate the outcomes: no slope exists"))
			continue
		}
		for i, e := range alone {
			together[i] += e
		}
		sum, defined = sum+slope, defined+1
		out.Cutoffs = append(out.Cutoffs, estimate.Normal(slope, clusteredError(alone, n), confidence, n))
	}
	if defined == 0 {
		out.Mean = estimate.Estimate{Confidence: confidence, N: s.customers}.Warn("no cutoff has a slope")
		return out, nil
	}
	out.Mean = estimate.Normal(sum/defined, clusteredError(together, s.customers)/defined, confidence, s.customers)
	return out, nil
}

// slopeInfluence fits the recalibration and adds each row's influence on the
// slope to its customer's sum.
func (r *Ranking) slopeInfluence(weight []float64, customer []int, sums []float64) (slope float64, ok bool) {
	fit, ok := r.recalibrate(weight)
	if !ok {
		return 0, false
	}
	w, x := r.weights(weight), make([]float64, r.Len())
	for i, s := range r.score {
		x[i] = logit(s)
	}
	_, _, h00, h01, h11 := r.curvature(w, x, fit.intercept, fit.slope)
	det := h00*h11 - h01*h01
	for i, row := range r.row {
		residual := -logistic(fit.intercept + fit.slope*x[i])
		if r.churned[i] {
			residual++
		}
		sums[customer[row]] += w[row] * residual * (h00*x[i] - h01) / det
	}
	return fit.slope, true
}

// clusteredError is the root of the sum of squares of the clusters' influences,
// corrected for n clusters.
func clusteredError(influence []float64, n int) float64 {
	var squares float64
	for _, e := range influence {
		squares += e * e
	}
	return math.Sqrt(squares * float64(n) / float64(max(n-1, 1)))
}
