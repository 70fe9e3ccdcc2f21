package btyd

import (
	"math"

	"github.com/churnwatch/churnwatch/model/estimate"
)

// Interval returns the interval of a positive quantity with this mean and
// squared coefficient of variation, taken as a gamma: Wilson and Hilferty's
// approximation of its quantiles (1931), with k = 1/spread,
//
//	mean (1 - 1/(9k) +- z / (3 sqrt(k)))^3, at least 0
//
// A product of independent quantities has the product of their 1 + spread.
// Spread 0 gives the mean twice.
func Interval(mean, spread, confidence float64) (low, high float64) {
	z := estimate.Quantile(confidence)
	cube := func(z float64) float64 {
		v := math.Max(1-spread/9+z*math.Sqrt(spread)/3, 0)
		return mean * v * v * v
	}
	return cube(-z), cube(z)
}
