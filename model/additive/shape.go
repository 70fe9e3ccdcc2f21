package additive

import (
	"math"

	"github.com/churnwatch/churnwatch/model/estimate"
)

// Shape returns what term j adds to the calibrated log-odds on each of its
// slots (its knots or levels, other for a category, missing), each with its
// own interval of the given nominal coverage in (0, 1):
//
//	value = Slope v_s,  se = Slope sqrt(sum_r Factor[r][s]^2 + the variance of an unseen slot)
//
// The intervals are pointwise and of the term alone: neighbouring slots share
// most of their error, and the error of the calibration is that of the whole.
// N is the number of independent customers behind the fit. J must be a
// position in Terms.
func (p *Predictor) Shape(j int, confidence float64) []estimate.Estimate {
	first := 1
	for i := range j {
		first += p.Terms[i].Slots()
	}
	t := &p.Terms[j]
	out := make([]estimate.Estimate, t.Slots())
	for s := range out {
		variance := t.unseenVariance(s)
		for _, row := range p.Uncertainty.Factor {
			variance += row[first+s] * row[first+s]
		}
		slope := p.Calibration.Slope
		out[s] = estimate.Normal(slope*t.coefficient(s), slope*math.Sqrt(variance), confidence, p.Training.Clusters)
	}
	return out
}
