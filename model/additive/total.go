package additive

import (
	"math"

	"github.com/churnwatch/churnwatch/model/logistic"
)

// Total is a weighted sum of probabilities under one predictor, with what its
// parameters' uncertainty does to it. With weights of both signs it is a
// difference, such as the churn expected after a change minus that before:
//
//	value    = sum_i w_i P(x_i)
//	g_s      = sum_i w_i P_i (1 - P_i) Slope h_s(x_i)    by coefficient s
//	g_I      = sum_i w_i P_i (1 - P_i)                   by the intercept
//	g_S      = sum_i w_i P_i (1 - P_i) raw_i             by the slope
//	variance = sum_r (Factor[r] . g)^2 + Remainder g_0^2 + sum_s g_s^2 v_s
//	           + g_I^2 (InterceptVariance + SeasonVariance) + 2 g_I g_S Covariance + g_S^2 SlopeVariance
//
// with the weights h and the variances v of unseen slots as in the package
// comment: the delta method, rows of one coefficient moving together. The
// directions that the factor leaves out, a ten-thousandth of the variance, are
// taken to move all rows alike. The sum of one row of weight 1 has the variance (P (1-P))^2 Variance(x). Whether the
// persons behind the rows then churn is chance beyond it.
type Total struct {
	predictor        *Predictor
	value            float64
	gradient         []float64
	intercept, slope float64
}

// NewTotal returns an empty sum.
func (p *Predictor) NewTotal() *Total {
	return &Total{predictor: p, gradient: make([]float64, p.Coefficients())}
}

// Add adds weight times the probability at x, which must have a value for
// every term. Rows are summed in the order given.
func (t *Total) Add(x Row, weight float64) {
	p := t.predictor
	raw := p.raw(x)
	probability := logistic.Probability(p.Calibration.Intercept + p.Calibration.Slope*raw)
	steepness := weight * probability * (1 - probability)
	t.value += weight * probability
	t.intercept += steepness
	t.slope += steepness * raw
	scaled := steepness * p.Calibration.Slope
	t.gradient[0] += scaled
	first := 1
	for j := range p.Terms {
		slot, share := p.Terms[j].At(x[j])
		t.gradient[first+slot] += (1 - share) * scaled
		if share > 0 {
			t.gradient[first+slot+1] += share * scaled
		}
		first += p.Terms[j].Slots()
	}
	for k := range p.Pairs {
		pair := &p.Pairs[k]
		t.gradient[first+pair.cell(p.valuesOf(pair, x))] += scaled
		first += pair.cells()
	}
}

// Value returns the sum.
func (t *Total) Value() float64 { return t.value }

// Variance returns the sum's variance.
func (t *Total) Variance() float64 {
	p := t.predictor
	v := p.Uncertainty.Remainder * t.gradient[0] * t.gradient[0]
	for _, row := range p.Uncertainty.Factor {
		dot := 0.0
		for s, v := range row {
			dot += v * t.gradient[s]
		}
		v += dot * dot
	}
	first := 1
	for j := range p.Terms {
		term := &p.Terms[j]
		for slot := range term.Slots() {
			g := t.gradient[first+slot]
			v += g * g * term.unseenVariance(slot)
		}
		first += term.Slots()
	}
	for k := range p.Pairs {
		for cell := range p.Pairs[k].cells() {
			g := t.gradient[first+cell]
			v += g * g * p.Pairs[k].cellVariance(cell)
		}
		first += p.Pairs[k].cells()
	}
	c := p.Calibration
	return v + t.intercept*t.intercept*(c.InterceptVariance+p.SeasonVariance) +
		2*t.intercept*t.slope*c.Covariance + t.slope*t.slope*c.SlopeVariance
}

// StandardError returns the root of Variance.
func (t *Total) StandardError() float64 { return math.Sqrt(math.Max(0, t.Variance())) }
