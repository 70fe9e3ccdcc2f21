package evaluate

import (
	"math"

	"github.com/churnwatch/churnwatch/model/estimate"
)

// Proportion returns hits/n with Wilson's score interval, which keeps its
// coverage near 0 and 1.
//
//	centre = (p + z^2/2n) / (1 + z^2/n)
//	half   = z/(1 + z^2/n) sqrt(p(1-p)/n + z^2/4n^2)
//
// N is n; the standard error is sqrt(p(1-p)/n). Confidence 0 means 0.95. With
// n = 0 the value is 0, the interval [0, 1], and a warning says so. Wilson
// (1927).
func Proportion(hits, n int, confidence float64) estimate.Estimate {
	if confidence == 0 {
		confidence = defaultConfidence
	}
	if n <= 0 {
		return estimate.Estimate{High: 1, Confidence: confidence}.Warn("nothing observed")
	}
	e := Wilson(float64(hits)/float64(n), float64(n), confidence)
	e.N = n
	return e
}

// Wilson returns Wilson's interval of a share p seen in n units, where n may
// be an effective number and so need not be whole; see [Proportion]. P is in
// [0, 1], n positive; N is n rounded down.
func Wilson(p, n, confidence float64) estimate.Estimate {
	z := estimate.Quantile(confidence)
	scale := 1 + z*z/n
	centre := (p + z*z/(2*n)) / scale
	half := z / scale * math.Sqrt(p*(1-p)/n+z*z/(4*n*n))
	return estimate.Estimate{
		Value: p, Low: math.Min(math.Max(0, centre-half), p), High: math.Max(math.Min(1, centre+half), p),
		StandardError: math.Sqrt(p * (1 - p) / n), Confidence: confidence, N: int(n),
	}
}

// Difference returns k/n - k0/n0, for two shares of different units, with the
// interval of Agresti and Caffo (2000): one more of either outcome on both sides.
// N is n + n0. Confidence 0 means 0.95; n and n0 are positive.
func Difference(k, n, k0, n0 int, confidence float64) estimate.Estimate {
	if confidence == 0 {
		confidence = defaultConfidence
	}
	p, q := (float64(k)+1)/(float64(n)+2), (float64(k0)+1)/(float64(n0)+2)
	e := estimate.Normal(p-q, math.Sqrt(p*(1-p)/(float64(n)+2)+q*(1-q)/(float64(n0)+2)), confidence, n+n0)
	e.Value = float64(k)/float64(n) - float64(k0)/float64(n0)
	return e
}
