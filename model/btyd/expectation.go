package btyd

import (
	"errors"
	"math"

	"gonum.org/v1/gonum/mat"
)

// Class is a share of the customers who become inactive after an order with
// the same probability.
type Class struct {
	Dropout float64 `json:"dropout"`
	Weight  float64 `json:"weight"`
}

// classes is how many stand for the beta of dropout probabilities.
const classes = 64

// Classes returns 64 classes that stand for the beta of dropout probabilities,
// in ascending order: the nodes and weights of Gauss and Jacobi's rule, exact
// for polynomials of the probability up to degree 127 (Golub and Welsch 1969,
// from the eigenvalues of the beta's recurrence). Without dropout it is one
// class of probability 0.
func (p Parameters) Classes() ([]Class, error) {
	if p.A == 0 {
		return []Class{{0, 1}}, nil
	}
	if !(p.A > 0) || !(p.B > 0) || math.IsInf(p.A+p.B, 1) {
		return nil, ErrValue
	}
	// Jacobi's polynomials on [-1, 1] with weight (1-z)^s (1+z)^t, p = (1+z)/2.
	s, t := p.B-1, p.A-1
	recurrence := mat.NewSymDense(classes, nil)
	for n := range classes {
		k := float64(n)
		centre := (t - s) / (s + t + 2)
		if n > 0 {
			centre = (t*t - s*s) / ((2*k + s + t) * (2*k + s + t + 2))
		}
		recurrence.SetSym(n, n, centre)
		if n == 0 {
			continue
		}
		square := 4 * k * (k + s) * (k + t) * (k + s + t) /
			((2*k + s + t) * (2*k + s + t) * (2*k + s + t + 1) * (2*k + s + t - 1))
		if n == 1 { // The factor k+s+t cancels, also where it is 0.
			square = 4 * (1 + s) * (1 + t) / ((2 + s + t) * (2 + s + t) * (3 + s + t))
		}
		recurrence.SetSym(n-1, n, math.Sqrt(square))
	}
	var eigen mat.EigenSym
	if !eigen.Factorize(recurrence, true) {
		return nil, errors.New("the recurrence of the beta has no eigenvalues")
	}
	var vectors mat.Dense
	eigen.VectorsTo(&vectors)
	out := make([]Class, classes)
	for i, z := range eigen.Values(nil) {
		out[i] = Class{math.Max((1+z)/2, 0), vectors.At(0, i) * vectors.At(0, i)}
	}
	return out, nil
}

// Expectation forecasts how often customers order.
type Expectation struct {
	Parameters
	classes []Class
}

// NewExpectation prepares forecasts; see [Parameters.Classes] for its errors.
func NewExpectation(p Parameters) (Expectation, error) {
	c, err := p.Classes()
	return Expectation{p, c}, err
}

// OrdersIfAlive returns the orders expected within the horizon of a customer
// who is active now. With R = r+x, s = horizon / (alpha+T), and w_k, p_k the
// classes of dropout, each weighed by his x repeats without it,
//
//	sum_k w_k (1-p_k)^x (1 - (1 + p_k s)^-R) / p_k  /  sum_k w_k (1-p_k)^x
//
// which is, but for the classes, equation 10 of Fader, Hardie and Lee (2005)
// given that he is active:
//
//	(a+b+x-1)/(a-1) (1 - ((alpha+T)/(alpha+T+h))^R 2F1(R, b+x; a+b+x-1; h/(alpha+T+h)))
//
// without its singularity at a = 1 and its overflow. The classes agree with it
// to 1e-9 for up to 300 repeats and horizons of a few ages, to 1e-4 for a
// horizon of hundreds of ages.
func (e Expectation) OrdersIfAlive(h History, horizon float64) float64 {
	x := float64(h.Repeats)
	rate, span := e.R+x, horizon/(e.Alpha+h.Age)
	least := math.Log(1 - e.classes[0].Dropout)
	sum, total := 0.0, 0.0
	for _, c := range e.classes {
		weight := c.Weight * math.Exp(x*(math.Log(1-c.Dropout)-least))
		sum += weight * ordersOf(c.Dropout, rate, span)
		total += weight
	}
	return sum / total
}

// nearly is below which the three leading terms of a series are exact enough.
const nearly = 1e-4

// ordersOf returns (1 - (1 + p s)^-R) / p.
func ordersOf(p, rate, span float64) float64 {
	if z := p * span; (rate+1)*z < nearly {
		return rate * span * (1 - (rate+1)*z/2*(1-(rate+2)*z/3))
	}
	return (1 - math.Exp(-rate*math.Log(1+p*span))) / p
}

// OrdersSpread returns the squared coefficient of variation, between customers
// with this history, of the orders that each tends to: 1/(r+x), that of the
// gamma of their rates. Dropout, which ends the longer lives of the quicker
// ones, makes it a little smaller than that.
func (p Parameters) OrdersSpread(h History) float64 { return 1 / (p.R + float64(h.Repeats)) }

// OrdersIfKept returns the orders expected within the horizon of a customer
// who is active and orders at least once in it: [Expectation.OrdersIfAlive]
// over the probability of an order, 1 - ((alpha+T)/(alpha+T+h))^(r+x). Of one
// who orders rarely that is hardly more than one order.
func (e Expectation) OrdersIfKept(h History, horizon float64) float64 {
	silence := math.Exp(math.Max(-(e.R+float64(h.Repeats))*math.Log1p(horizon/(e.Alpha+h.Age)), -600))
	return e.OrdersIfAlive(h, horizon) / math.Max(1-silence, 1e-12)
}

// KeptSpread returns the squared coefficient of variation, between customers
// with this history, of the orders that each places if kept. With m the orders
// expected if active, to first order
//
//	(1 - m exp(-m) / (1 - exp(-m)))^2 / (r+x)
//
// the squared elasticity of m / (1 - exp(-m)) times [Parameters.OrdersSpread]:
// near 0 for who orders rarely (kept, he orders once), near that for who orders
// often.
func (e Expectation) KeptSpread(h History, horizon float64) float64 {
	m := e.OrdersIfAlive(h, horizon)
	if m < 1e-6 {
		return 0
	}
	elasticity := 1 - m*math.Exp(-m)/(1-math.Exp(-m))
	return elasticity * elasticity * e.OrdersSpread(h)
}

// Orders returns the orders expected within the horizon:
// P(active) times [Expectation.OrdersIfAlive].
func (e Expectation) Orders(h History, horizon float64) float64 {
	return e.Alive(h) * e.OrdersIfAlive(h, horizon)
}
