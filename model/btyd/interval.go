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

// Spreads returns the squared coefficients of variation with which [Interval]
// gives [low, high] about a positive mean. With l and h the cubic roots of
// low/mean and high/mean, and u = sqrt(spread)/3,
//
//	u = (h - l) / 2z                        low > 0
//	u = (z -+ sqrt(z^2 - 4 (h - 1))) / 2    low = 0
//
// so that one or two spreads come with a low end of 0, the least first; else
// both are the same. Both are NaN where there is none: no mean > 0, an interval
// that does not hold to the shape, such as one of 0 at both ends.
func Spreads(mean, low, high, confidence float64) (least, most float64) {
	none := math.NaN()
	z := estimate.Quantile(confidence)
	if !(mean > 0 && low >= 0 && high >= low && high > 0) {
		return none, none
	}
	h := math.Cbrt(high / mean)
	if low > 0 {
		u := (h - math.Cbrt(low/mean)) / (2 * z)
		return 9 * u * u, 9 * u * u
	}
	root := math.Sqrt(math.Max(z*z-4*(h-1), 0)) // at the top it is 0 but for rounding
	first := (math.Sqrt(z*z+4) - z) / 2         // u at which the low end comes to 0
	u, v := (z-root)/2, (z+root)/2
	if u < first*(1-1e-9) {
		u = v
	}
	return 9 * u * u, 9 * v * v
}
