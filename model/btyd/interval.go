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
// Spread 0 gives the mean twice. Both ends are NaN beyond [MostSpread], where
// the approximation's high end falls again, so that there it tells nothing.
func Interval(mean, spread, confidence float64) (low, high float64) {
	if !(spread <= MostSpread(confidence)) {
		return math.NaN(), math.NaN()
	}
	z := estimate.Quantile(confidence)
	cube := func(z float64) float64 {
		v := math.Max(1-spread/9+z*math.Sqrt(spread)/3, 0)
		return mean * v * v * v
	}
	return cube(-z), cube(z)
}

// MostSpread is the squared coefficient of variation up to which [Interval]
// widens with it: (3z/2)^2, 6.1 at 90 %.
func MostSpread(confidence float64) float64 {
	z := estimate.Quantile(confidence)
	return 9 * z * z / 4
}

// Spread returns the squared coefficient of variation with which [Interval]
// gives this high end about a positive mean. With h the cubic root of
// high/mean,
//
//	sqrt(spread)/3 = (z - sqrt(z^2 - 4 (h - 1))) / 2
//
// It is NaN where there is none: a high end below the mean, or beyond that of
// [MostSpread].
func Spread(mean, high, confidence float64) float64 {
	z := estimate.Quantile(confidence)
	const rounding = 1e-9
	over := math.Cbrt(high/mean) - 1
	if !(mean > 0 && over >= -rounding && over <= z*z/4+rounding) {
		return math.NaN()
	}
	u := (z - math.Sqrt(math.Max(z*z-4*math.Max(over, 0), 0))) / 2
	return 9 * u * u
}
