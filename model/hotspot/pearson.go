package hotspot

import (
	"math"

	"gonum.org/v1/gonum/mathext"
)

// symmetric is the skewness below which a mean is taken as normal.
const symmetric = 1e-4

// leastProbability stands for a tail that underflows.
const leastProbability = 5e-324

// logMeanTails returns log P(Z <= z) and log P(Z >= z) of a standardised sum Z
// with the given skewness: Pearson's type III, a shifted gamma distribution of
// shape 4/skewness^2, which is normal for a skewness of 0. Tails below 5e-324
// are returned as that.
func logMeanTails(z, skewness float64) (lower, upper float64) {
	if skewness < 0 {
		upper, lower = logMeanTails(-z, -skewness)
		return lower, upper
	}
	if skewness < symmetric {
		return logOf(math.Erfc(-z/math.Sqrt2) / 2), logOf(math.Erfc(z/math.Sqrt2) / 2)
	}
	shape := 4 / (skewness * skewness)
	x := shape + z*math.Sqrt(shape)
	if x <= 0 {
		return logOf(0), 0
	}
	return logOf(mathext.GammaIncReg(shape, x)), logOf(mathext.GammaIncRegComp(shape, x))
}

func logOf(p float64) float64 { return math.Log(math.Max(p, leastProbability)) }
