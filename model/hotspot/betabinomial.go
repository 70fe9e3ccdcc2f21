package hotspot

import (
	"math"
)

// BetaBinomial is the number of incidents in N exposures whose rate is drawn
// from a beta distribution with mean Mean in (0, 1) and intra-class correlation
// Correlation in [0, 1): variance N Mean (1-Mean) (1 + (N-1) Correlation).
// A Correlation of 0 is the binomial distribution.
type BetaBinomial struct {
	N           int64
	Mean        float64
	Correlation float64
}

// independent is the correlation below which exposures count as independent:
// the log-gamma functions of beta parameters beyond it lose the last digits.
const independent = 1e-7

// shapes returns the beta distribution's parameters, false for none.
func (d BetaBinomial) shapes() (a, b float64, ok bool) {
	if d.Correlation < independent {
		return 0, 0, false
	}
	m := (1 - d.Correlation) / d.Correlation
	return d.Mean * m, (1 - d.Mean) * m, true
}

// LogProb returns the log of P(K = k), -Inf outside [0, N].
func (d BetaBinomial) LogProb(k int64) float64 {
	if k < 0 || k > d.N {
		return math.Inf(-1)
	}
	n, x := float64(d.N), float64(k)
	choose := logGamma(n+1) - logGamma(x+1) - logGamma(n-x+1)
	a, b, ok := d.shapes()
	if !ok {
		return choose + x*math.Log(d.Mean) + (n-x)*math.Log1p(-d.Mean)
	}
	return choose + logBeta(x+a, n-x+b) - logBeta(a, b)
}

// LogTails returns log P(K <= k) and log P(K >= k), both of which hold k
// itself. They are exact sums of probabilities and do not underflow.
func (d BetaBinomial) LogTails(k int64) (lower, upper float64) {
	here := d.LogProb(k)
	if float64(k) >= d.Mean*float64(d.N) {
		upper = here + math.Log(d.sum(k, 1))
		return logRest(upper, here), math.Min(upper, 0)
	}
	lower = here + math.Log(d.sum(k, -1))
	return math.Min(lower, 0), logRest(lower, here)
}

// logRest returns the log of 1 - exp(tail) + exp(here): the other tail.
func logRest(tail, here float64) float64 {
	return math.Min(math.Log(math.Max(-math.Expm1(math.Min(tail, 0)), 0)+math.Exp(here)), 0)
}

// sum adds P(K = i) / P(K = k) over i = k, k+step, ... away from the mean.
func (d BetaBinomial) sum(k, step int64) float64 {
	n := float64(d.N)
	a, b, beta := d.shapes()
	total, term := 1.0, 1.0
	for i := k; i+step >= 0 && i+step <= d.N; i += step {
		x := float64(i)
		// up is P(x+1) / P(x) from the lower of the two.
		if step < 0 {
			x--
		}
		up := (n - x) / (x + 1)
		if beta {
			up *= (x + a) / (n - x - 1 + b)
		} else {
			up *= d.Mean / (1 - d.Mean)
		}
		if step < 0 {
			up = 1 / up
		}
		term *= up
		total += term
		// Log-concave unless a shape below 1 piles mass up at the end.
		if term < 1e-18*total && (!beta || (a >= 1 || step > 0) && (b >= 1 || step < 0)) {
			break
		}
	}
	return total
}

func logGamma(x float64) float64 {
	v, _ := math.Lgamma(x)
	return v
}

func logBeta(a, b float64) float64 { return logGamma(a) + logGamma(b) - logGamma(a+b) }
