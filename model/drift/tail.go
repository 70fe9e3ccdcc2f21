package drift

import "math"

// countTail returns the normal quantile of P(count <= seen) when counts have
// the mean expected and the variance dispersion times it, counting half of
// P(count = seen). It makes customers of few and of many orders comparable:
// a small count can't lie as many standard deviations below its mean as a
// large one.
//
// By the duality of counts and waiting times, and Wilson and Hilferty's (1931)
// cube root of a gamma variable:
//
//	a = (seen + 1/2)/dispersion + 1/6
//	z = 3 sqrt(a) (1 - 1/(9a) - (expected / (dispersion a))^(1/3))
//
// Expected is positive and dispersion at least 1. It is within 0.1 of the
// negative binomial's for 2 to 20 expected orders and dispersions up to 2.
func countTail(seen, expected, dispersion float64) float64 {
	a := (seen+0.5)/dispersion + 1.0/6
	return 3 * math.Sqrt(a) * (1 - 1/(9*a) - math.Cbrt(expected/(dispersion*a)))
}

// spanTail returns the normal quantile of P(span >= seen), negative for a long
// span, when spans are gamma with the mean expected and the relative variance v:
//
//	z = 3 (1 - v/9 - (seen/expected)^(1/3)) / sqrt(v)
//
// (Wilson and Hilferty 1931). Expected and v are positive.
func spanTail(seen, expected, v float64) float64 {
	return 3 * (1 - v/9 - math.Cbrt(seen/expected)) / math.Sqrt(v)
}
