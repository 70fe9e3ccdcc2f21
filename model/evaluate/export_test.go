package evaluate

import "math"

// Slope is the recalibration slope under weights, NaN where there is none.
func Slope(r *Ranking, weight []float64) float64 {
	fit, ok := r.recalibrate(weight)
	if !ok {
		return math.NaN()
	}
	return fit.slope
}
