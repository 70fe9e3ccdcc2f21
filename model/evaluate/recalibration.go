package evaluate

import (
	"fmt"
	"math"
)

// recalibration is the fit of P(churn) = logistic(intercept + slope * logit p).
type recalibration struct {
	intercept, slope, slopeError float64
}

// steps bounds the Newton iterations; a separable sample would go on for ever.
const steps = 60

// recalibrate fits the two parameters by Newton's method with step halving on
// the convex negative log-likelihood, from (0, 1).
//
// ok is false when the scores do not vary or the outcomes can be separated by
// the score, where no finite slope maximises the likelihood.
func (r *Ranking) recalibrate(weight []float64) (fit recalibration, ok bool) {
	w := r.weights(weight)
	x := make([]float64, r.Len())
	for i, s := range r.score {
		x[i] = logit(s)
	}
	a, b := 0.0, 1.0
	loss := r.loss(w, x, a, b)
	for range steps {
		g0, g1, h00, h01, h11 := r.curvature(w, x, a, b)
		det := h00*h11 - h01*h01
		if !(det > 1e-10*h00*h11) {
			return fit, false
		}
		da, db := (h11*g0-h01*g1)/det, (h00*g1-h01*g0)/det
		next := r.loss(w, x, a+da, b+db)
		for next > loss && math.Abs(da)+math.Abs(db) > 1e-12 {
			da, db = da/2, db/2
			next = r.loss(w, x, a+da, b+db)
		}
		a, b, loss = a+da, b+db, next
		if math.Abs(da)+math.Abs(db) < 1e-9*(1+math.Abs(a)+math.Abs(b)) {
			return recalibration{intercept: a, slope: b, slopeError: math.Sqrt(h00 / det)}, math.Abs(b) < 1e3
		}
	}
	return fit, false
}

// loss returns the negative log-likelihood at (a, b).
func (r *Ranking) loss(w, x []float64, a, b float64) float64 {
	var sum float64
	for i, row := range r.row {
		if w[row] == 0 {
			continue
		}
		eta := a + b*x[i]
		if r.churned[i] {
			eta = -eta
		}
		sum += w[row] * softplus(eta)
	}
	return sum
}

// softplus returns log(1 + exp(x)) without overflow.
func softplus(x float64) float64 {
	return math.Max(x, 0) + math.Log1p(math.Exp(-math.Abs(x)))
}

// curvature returns the ascent direction's gradient and the information matrix.
func (r *Ranking) curvature(w, x []float64, a, b float64) (g0, g1, h00, h01, h11 float64) {
	for i, row := range r.row {
		if w[row] == 0 {
			continue
		}
		p := logistic(a + b*x[i])
		d, v := -p, w[row]*p*(1-p)
		if r.churned[i] {
			d++
		}
		g0 += w[row] * d
		g1 += w[row] * d * x[i]
		h00 += v
		h01 += v * x[i]
		h11 += v * x[i] * x[i]
	}
	return g0, g1, h00, h01, h11
}

// Recalibrate moves the intercept so that the mean probability is rate:
//
//	q_i = logistic(logit p_i + c),  mean(q) = rate
//
// The order is kept; 0 and 1 are clipped to [2^-52, 1 - 2^-52] first. Rate is
// in (0, 1), probabilities in [0, 1]; otherwise the error is [ErrValue].
func Recalibrate(probability []float64, rate float64) ([]float64, error) {
	return recalibrated(probability, rate, func(int) float64 { return 1 })
}

// recalibrated is [Recalibrate] to a mean under weights.
func recalibrated(probability []float64, rate float64, weight func(int) float64) ([]float64, error) {
	if !(rate > 0 && rate < 1) {
		return nil, fmt.Errorf("recalibrate: rate %v: %w", rate, ErrValue)
	}
	if err := checkProbabilities(probability, make([]bool, len(probability))); err != nil {
		return nil, fmt.Errorf("recalibrate: %w", err)
	}
	x := make([]float64, len(probability))
	for i, p := range probability {
		x[i] = logit(p)
	}
	c := shift(x, rate, weight)
	q := make([]float64, len(x))
	for i := range x {
		q[i] = logistic(x[i] + c)
	}
	return q, nil
}

// shift finds c with mean(logistic(x + c)) = rate under weights by bisection; the
// mean rises with c, and logits are within +-37, so the bracket holds it.
func shift(x []float64, rate float64, weight func(int) float64) float64 {
	low, high := -80.0, 80.0
	for high-low > 1e-12 {
		mid := (low + high) / 2
		if mid == low || mid == high {
			break
		}
		var sum, all float64
		for i, v := range x {
			sum += weight(i) * logistic(v+mid)
			all += weight(i)
		}
		if sum < rate*all {
			low = mid
		} else {
			high = mid
		}
	}
	return (low + high) / 2
}
