package btyd

import "math"

// Parameters are those of a BG/NBD. Alpha is in the unit of time. A of 0 is
// the NBD without dropout; B then means nothing.
type Parameters struct {
	R     float64 `json:"r"`
	Alpha float64 `json:"alpha"`
	A     float64 `json:"a"`
	B     float64 `json:"b"`
}

// farthest bounds an exponent, far beyond where a result could change.
const farthest = 600

// Alive returns the probability that a customer is still active now:
//
//	1 / (1 + D), D = a / (b+x-1) * ((alpha+T) / (alpha+t))^(r+x)
//
// with D = 0 for a customer without repeats (see the package on that).
func (p Parameters) Alive(h History) float64 { return 1 / (1 + p.dropoutOdds(h)) }

// dropoutOdds returns D: the odds that he has become inactive.
func (p Parameters) dropoutOdds(h History) float64 {
	if h.Repeats == 0 || p.A == 0 {
		return 0
	}
	x := float64(h.Repeats)
	exponent := (p.R + x) * math.Log((p.Alpha+h.Age)/(p.Alpha+h.Last))
	return p.A / (p.B + x - 1) * math.Exp(min(exponent, farthest))
}

// silence returns the probability that a customer who is active now does not
// order within the horizon: ((alpha+T) / (alpha+T+h))^(r+x).
func (p Parameters) silence(h History, horizon float64) float64 {
	rate := math.Log((p.Alpha + h.Age) / (p.Alpha + h.Age + horizon))
	return math.Exp(max((p.R+float64(h.Repeats))*rate, -farthest))
}

// NoOrder returns the probability of no order within the horizon from now:
//
//	1 - P(alive) + P(alive) ((alpha+T) / (alpha+T+h))^(r+x)
//
// since an active customer's rate is gamma with shape r+x and rate alpha+T.
func (p Parameters) NoOrder(h History, horizon float64) float64 {
	odds := p.dropoutOdds(h)
	return (odds + p.silence(h, horizon)) / (1 + odds)
}

// NoOrderLogOdds returns the log-odds of [Parameters.NoOrder], which keep
// their precision where that is next to 0 or 1.
func (p Parameters) NoOrderLogOdds(h History, horizon float64) float64 {
	silence := p.silence(h, horizon)
	return math.Log(p.dropoutOdds(h)+silence) - math.Log(1-silence)
}

// WaitIfAlive returns the time from now within which a customer who is active
// now orders with the given probability in (0, 1):
//
//	(alpha+T) ((1-probability)^(-1/(r+x)) - 1)
//
// At 0.5 it is the median. It grows without bound for a customer who says
// little of his rate.
func (p Parameters) WaitIfAlive(h History, probability float64) float64 {
	return (p.Alpha + h.Age) * math.Expm1(-math.Log1p(-probability)/(p.R+float64(h.Repeats)))
}

// LogLikelihood returns the log-likelihood of histories.
func (p Parameters) LogLikelihood(histories []History) float64 {
	return newLikelihood(histories, 1).at(p, nil)
}
