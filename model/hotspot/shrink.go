package hotspot

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/churnwatch/churnwatch/model/estimate"
)

// Prior is how cells of one dimension differ: most are like the rest, and a
// Share of them depart from it with a standard deviation of Spread.
type Prior struct{ Share, Spread float64 }

const (
	priorRounds = 200
	priorShare  = 0.1 // to begin with
)

// FitPrior fits the prior by expectation and maximisation to the departures
// e = Rate - Expected of comparable cells with standard error s: with a share
// 1-w of N(0, s^2) and w of N(0, s^2 + t^2), as in the two-groups model of
// Efron (2008). Half a cell of each sort is added, so that w is never 0 or 1.
// Without comparable cells Share is 0.
func FitPrior(cells []Comparison) Prior {
	var usable []Comparison
	t2 := 0.0
	for _, c := range cells {
		if c.Comparable && c.StandardError > 0 {
			usable = append(usable, c)
			t2 = math.Max(t2, c.departure()*c.departure())
		}
	}
	if t2 == 0 {
		return Prior{}
	}
	p := Prior{Share: priorShare, Spread: math.Sqrt(t2)}
	for range priorRounds {
		next := p.improve(usable)
		if math.Abs(next.Spread-p.Spread) < 1e-9*p.Spread && math.Abs(next.Share-p.Share) < 1e-9 {
			return next
		}
		p = next
	}
	return p
}

func (p Prior) improve(cells []Comparison) Prior {
	var share, second float64
	for _, c := range cells {
		r := p.departs(c)
		v, t2 := c.StandardError*c.StandardError, p.Spread*p.Spread
		k := t2 / (t2 + v)
		share += r
		second += r * (k*k*c.departure()*c.departure() + k*v)
	}
	return Prior{Share: (share + 0.5) / (float64(len(cells)) + 1), Spread: math.Sqrt(second / math.Max(share, 1e-300))}
}

// departs returns the probability that a cell departs from the rest.
func (p Prior) departs(c Comparison) float64 {
	if p.Share == 0 || !c.Comparable || c.StandardError == 0 {
		return 0
	}
	v := c.StandardError * c.StandardError
	wide := v + p.Spread*p.Spread
	e2 := c.departure() * c.departure()
	odds := math.Log(p.Share) - math.Log1p(-p.Share) + math.Log(v/wide)/2 + e2/2*(1/v-1/wide)
	return 1 / (1 + math.Exp(-odds))
}

func (c Comparison) departure() float64 { return c.Rate - c.Expected }

// Shrink returns the posterior mean and interval of a cell's own rate: with
// the probability that it departs a beta posterior (normal for means) around
// the expected rate, else that rate itself. The beta prior has the mean
// Expected and the variance Spread^2, and the cell counts as as many independent
// exposures as give its standard error. A cell that is not comparable keeps its raw rate,
// with a warning.
func (p Prior) Shrink(c Comparison, confidence float64) estimate.Estimate {
	if !c.Comparable || p.Spread == 0 {
		return estimate.Estimate{Value: c.Rate, Low: c.Rate, High: c.Rate, Confidence: confidence, N: int(c.N)}.
			Warn("nothing to compare it with")
	}
	w := p.departs(c)
	own := p.posterior(c)
	mean := w*own.Mean() + (1-w)*c.Expected
	d := own.Mean() - c.Expected
	sd := math.Sqrt(w*own.Variance() + w*(1-w)*d*d)
	tail := (1 - confidence) / 2
	return estimate.Estimate{
		Value: mean, Low: spiked(own, w, c.Expected, tail), High: spiked(own, w, c.Expected, 1-tail),
		StandardError: sd, Confidence: confidence, N: int(c.N),
	}
}

// posterior is a distribution of a departing cell's rate.
type posterior interface {
	Mean() float64
	Variance() float64
	CDF(x float64) float64
	Quantile(p float64) float64
}

func (p Prior) posterior(c Comparison) posterior {
	t2 := p.Spread * p.Spread
	if c.outcome.Binary {
		n := c.Expected * (1 - c.Expected) / (c.StandardError * c.StandardError)
		m := math.Max(c.Expected*(1-c.Expected)/t2-1, 1e-3)
		return distuv.Beta{Alpha: m*c.Expected + n*c.Rate, Beta: m*(1-c.Expected) + n*(1-c.Rate)}
	}
	v := c.StandardError * c.StandardError
	return distuv.Normal{Mu: c.Expected + t2/(t2+v)*c.departure(), Sigma: math.Sqrt(t2 * v / (t2 + v))}
}

// spiked returns a quantile of w times a distribution plus 1-w at one point.
func spiked(own posterior, w, point, q float64) float64 {
	below := w * own.CDF(point)
	switch {
	case w > 0 && q < below:
		return own.Quantile(q / w)
	case w == 0 || q <= below+1-w:
		return point
	}
	return own.Quantile(math.Min((q-(1-w))/w, 1))
}
