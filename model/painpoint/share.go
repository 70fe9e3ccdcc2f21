package painpoint

import (
	"math"

	"github.com/churnwatch/churnwatch/model/estimate"
	"github.com/churnwatch/churnwatch/model/logistic"
)

// share returns the attributable fraction of the detector's column at, by the
// formula of [FitChurn].
func (c *churnFit) share(at int, confidence float64) estimate.Estimate {
	width := len(c.columns) + 1
	with, without := make([]float64, width), make([]float64, width) // gradients
	x := make([]float64, width)
	x[0] = 1
	var all, rest float64
	for i := range c.y {
		eta := c.intercept
		for k, col := range c.columns {
			x[k+1] = col.values[i]
			eta += c.coefficients[k] * col.values[i]
		}
		w := weightOf(c.labels.Weight, i)
		p := logistic.Probability(eta)
		q := logistic.Probability(eta - c.coefficients[at]*x[at+1])
		all += w * p
		rest += w * q
		for k, v := range x {
			with[k] += w * p * (1 - p) * v
			if k != at+1 {
				without[k] += w * q * (1 - q) * v
			}
		}
	}
	if !(all > 0) {
		return estimate.Estimate{}
	}
	gradient := make([]float64, width)
	for k := range gradient {
		gradient[k] = (rest*with[k]/all - without[k]) / all
	}
	variance := 0.0
	for a, g := range gradient {
		for b, h := range gradient {
			variance += g * h * c.covariance.At(a, b)
		}
	}
	return estimate.Normal(1-rest/all, math.Sqrt(math.Max(0, variance)), confidence, c.customers)
}
