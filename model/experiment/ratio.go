package experiment

import (
	"fmt"
	"math"
)

// Ratio says whether the arms got as many customers as their shares say.
type Ratio struct {
	// Log10BayesFactor is that of other shares against the stated ones: 2 is 100
	// to 1.
	Log10BayesFactor float64 `json:"log10_bayes_factor"`
	// P is a p-value that holds at any look: one below alpha comes at some look
	// with a probability of alpha at most, if the shares are right.
	P float64 `json:"p"`
	// Broken says that P is below [RatioAlpha].
	Broken bool `json:"broken"`
}

// RatioAlpha is the probability that right shares are ever called broken.
const RatioAlpha = 0.01

// concentration is that of the prior over shares: around a share of 0.1 it has
// a standard deviation of 0.01, which is what faults of an assignment are like.
const concentration = 1000

// CheckRatio tests at any look whether counts come from shares.
//
// With x the counts, n their sum, q the shares and a = 1000 q, the Bayes factor
// of a Dirichlet(a) prior over shares against q itself is
//
//	B(n) = G(sum a) / G(sum a + n)  prod G(a_i + x_i) / G(a_i)  /  prod q_i^x_i
//
// with G the gamma function. While q is right, B is a martingale that begins at
// 1, so that P(some B(n) >= 1/alpha) <= alpha (Ville 1939), and 1/B(n) is a
// p-value at any look. Lindon and Malek (2022), "Anytime-Valid Inference for
// Multinomial Count Data". Errors: [ErrShape] for other lengths or less than
// two arms, [ErrValue] for a negative count, or shares that are not above 0
// with sum 1 within 1e-9.
func CheckRatio(counts []int, shares []float64) (Ratio, error) {
	if len(counts) != len(shares) || len(counts) < 2 {
		return Ratio{}, fmt.Errorf("check sample ratio of %d counts and %d shares: %w", len(counts), len(shares), ErrShape)
	}
	n, sum, log := 0, 0.0, 0.0
	for i, x := range counts {
		q := shares[i]
		if x < 0 || !(q > 0) {
			return Ratio{}, fmt.Errorf("check sample ratio: arm %d has count %d and share %g: %w", i, x, q, ErrValue)
		}
		n, sum = n+x, sum+q
		log += gamma(concentration*q+float64(x)) - gamma(concentration*q) - float64(x)*math.Log(q)
	}
	if math.Abs(sum-1) > 1e-9 {
		return Ratio{}, fmt.Errorf("check sample ratio: shares have the sum %g: %w", sum, ErrValue)
	}
	log += gamma(concentration) - gamma(concentration+float64(n))
	p := math.Min(1, math.Exp(-log))
	return Ratio{Log10BayesFactor: log / math.Ln10, P: p, Broken: p < RatioAlpha}, nil
}

// gamma is the logarithm of the gamma function of x > 0.
func gamma(x float64) float64 {
	v, _ := math.Lgamma(x)
	return v
}
