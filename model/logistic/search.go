package logistic

import (
	"errors"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/churnwatch/churnwatch/model/regression"
)

// search is the state of the iterations.
type search struct {
	d       Design
	y       []float64
	opts    Options
	p       int
	at, try point
	z, w    []float64 // working residuals and weights
}

// point is a candidate with what follows from it.
type point struct {
	a   float64
	b   []float64
	eta []float64
	// probability is that of eta.
	probability []float64
	deviance    float64
	penalized   float64
}

func newSearch(d Design, y []float64, opts Options) *search {
	n, p := d.Rows(), d.Width()
	s := &search{d: d, y: y, opts: opts, p: p, z: make([]float64, n), w: make([]float64, n)}
	for _, pt := range []*point{&s.at, &s.try} {
		pt.b, pt.eta, pt.probability = make([]float64, p), make([]float64, n), make([]float64, n)
	}
	if opts.Start != nil {
		s.at.a = opts.Start[0]
		copy(s.at.b, opts.Start[1:])
	} else {
		s.at.a = s.baseLogOdds()
		copy(s.at.b, opts.Center)
	}
	s.evaluate(&s.at)
	return s
}

// baseLogOdds is the log-odds of the weighted mean label, drawn half a row
// towards 1/2 so that one class alone stays finite.
func (s *search) baseLogOdds() float64 {
	positive, total := 0.5, 1.0
	for i, v := range s.y {
		positive += s.opts.weight(i) * v
		total += s.opts.weight(i)
	}
	return LogOdds(positive / total)
}

// evaluate fills in what follows from a candidate's a and b.
func (s *search) evaluate(c *point) {
	s.d.Linear(c.b, c.eta)
	c.deviance = 0
	for i := range c.eta {
		c.eta[i] += c.a
		if s.opts.Offset != nil {
			c.eta[i] += s.opts.Offset[i]
		}
		var loss float64
		c.probability[i], loss = probabilityAndLoss(c.eta[i], s.y[i])
		c.deviance += 2 * s.opts.weight(i) * loss
	}
	c.penalized = c.deviance + s.penalty(c)
}

// penalty returns what the penalties add to the deviance of a candidate.
func (s *search) penalty(c *point) float64 {
	sum := s.opts.InterceptPenalty * math.Pow(c.a-s.opts.InterceptCenter, 2)
	if s.opts.Penalty != nil {
		shift := mat.NewVecDense(s.p, s.fromCenter(c.b, 1))
		sum += mat.Inner(shift, s.opts.Penalty, shift)
	}
	return sum
}

// fromCenter returns sign * (b - Center).
func (s *search) fromCenter(b []float64, sign float64) []float64 {
	out := make([]float64, len(b))
	for j, v := range b {
		if s.opts.Center != nil {
			v -= s.opts.Center[j]
		}
		out[j] = sign * v
	}
	return out
}

// run takes drafts of steps until one settles, and that one again by the
// solver: it is the one reported.
func (s *search) run() (*Fit, error) {
	most, tolerance := s.opts.limits()
	for iteration := 1; iteration <= most; iteration++ {
		if s.opts.Stop != nil && s.opts.Stop() {
			return nil, ErrStopped
		}
		m, err := s.moments()
		if err != nil {
			return nil, s.explain(err)
		}
		step, err := s.step(m, true)
		if err != nil {
			return nil, s.explain(err)
		}
		gain, moved, took := s.descend(step.Intercept, step.Coefficients)
		settled := gain <= tolerance*(math.Abs(s.at.penalized)+1)
		if !settled {
			continue
		}
		if moved > settledStep {
			if s.opts.Penalty == nil {
				return nil, ErrSeparated
			}
			continue
		}
		if took {
			s.at, s.try = s.try, s.at
		}
		if step, err = s.step(m, false); err != nil {
			return nil, s.explain(err)
		}
		s.descend(step.Intercept, step.Coefficients)
		return s.fit(step, iteration), nil
	}
	return nil, s.explain(ErrNotConverged)
}

// explain says separated where an unpenalised fit failed with rows at certainty.
func (s *search) explain(err error) error {
	if s.opts.Penalty != nil || !(errors.Is(err, ErrNotConverged) || errors.Is(err, regression.ErrCollinear)) {
		return err
	}
	for _, eta := range s.at.eta {
		if math.Abs(eta) > extreme {
			return errors.Join(ErrSeparated, err)
		}
	}
	return err
}

// moments returns those of the least-squares problem of the step from the
// present point.
func (s *search) moments() (*regression.Moments, error) {
	for i, p := range s.at.probability {
		working := math.Max(p*(1-p), minWorkingWeight)
		s.z[i] = (s.y[i] - p) / working
		s.w[i] = s.opts.weight(i) * working
	}
	m, err := s.d.Moments(s.z, s.w)
	if err != nil {
		return nil, err
	}
	if s.opts.InterceptPenalty > 0 {
		// A row at the origin with weight k is the penalty k (a-a0)^2.
		if err := m.Add(make([]float64, s.p), s.opts.InterceptCenter-s.at.a, s.opts.InterceptPenalty); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// step solves the problem of the step.
func (s *search) step(m *regression.Moments, draft bool) (*regression.Fit, error) {
	opts := regression.Options{Penalty: s.opts.Penalty, Dispersion: 1, Draft: draft}
	if s.opts.Penalty != nil {
		opts.Center = s.fromCenter(s.at.b, -1)
	}
	return regression.Solve(m, opts)
}

// descend takes the step, halved until the penalised deviance does not rise,
// and returns its gain and the largest move of a row's log-odds. Where no
// share of the step descends, the present point is the minimum to rounding
// and stays; otherwise it is kept as the other candidate.
func (s *search) descend(a float64, b []float64) (gain, moved float64, took bool) {
	share := 1.0
	for range mostHalvings {
		s.try.a = s.at.a + share*a
		for j, v := range b {
			s.try.b[j] = s.at.b[j] + share*v
		}
		s.evaluate(&s.try)
		if gain = s.at.penalized - s.try.penalized; gain >= -rounding*s.try.penalized {
			for i, eta := range s.try.eta {
				moved = math.Max(moved, math.Abs(eta-s.at.eta[i]))
			}
			s.at, s.try = s.try, s.at
			return gain, moved, true
		}
		share /= 2
	}
	return 0, 0, false
}

// fit packs the point reached. The information is that of the point one
// settled step before it (as in R's glm): relative error of the order of that
// step, 1e-6 and less at the default tolerance.
func (s *search) fit(last *regression.Fit, iterations int) *Fit {
	f := &Fit{
		Coefficients: append([]float64(nil), s.at.b...), Intercept: s.at.a,
		LogOdds:  append([]float64(nil), s.at.eta...),
		Deviance: s.at.deviance, PenalizedDeviance: s.at.penalized,
		Iterations: iterations, last: last, weights: s.opts.Weights, y: s.y,
	}
	f.warnOfSeparation()
	return f
}
