package logistic

import "math"

// Probability returns 1 / (1 + exp(-logOdds)); +-Inf give 1 and 0, NaN stays.
func Probability(logOdds float64) float64 {
	if logOdds >= 0 {
		return 1 / (1 + math.Exp(-logOdds))
	}
	e := math.Exp(logOdds)
	return e / (1 + e)
}

// LogOdds returns log(p / (1-p)); 0 and 1 give -+Inf, p outside [0, 1] NaN.
func LogOdds(p float64) float64 { return math.Log(p) - math.Log1p(-p) }

// probabilityAndLoss returns [Probability] and [Loss] by one exponential.
func probabilityAndLoss(logOdds, y float64) (p, loss float64) {
	e := math.Exp(-math.Abs(logOdds))
	p = e / (1 + e)
	if logOdds >= 0 {
		p = 1 / (1 + e)
	}
	return p, math.Max(logOdds, 0) + math.Log1p(e) - y*logOdds
}

// Loss returns the log loss -y log p - (1-y) log(1-p) in nats of one row at
// the given log-odds, exact in both tails.
func Loss(logOdds, y float64) float64 {
	// log(1+exp(t)) - y t, with the exponent kept negative
	return math.Max(logOdds, 0) + math.Log1p(math.Exp(-math.Abs(logOdds))) - y*logOdds
}
