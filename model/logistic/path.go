package logistic

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/churnwatch/churnwatch/model/regression"
)

// Path fits the same rows under one penalty after another, each from where
// the one before ended: for trials of which nothing but the fitted values is
// wanted.
//
// Its fits are drafts. They minimise what [New] minimises, but take their
// steps by the Cholesky factor alone, not by the solver that reports, and keep
// the information matrix for as long as it serves (the chord method: Ortega
// and Rheinboldt 1970, section 7.1; each step costs a score instead of the
// products of all pairs of columns). What is never reported needs no second
// solver and no covariance; the minimum is the same, to Tolerance. Not safe
// for concurrent use.
type Path struct {
	search *search
	kept   *regression.Moments // of the information; nil when it is to be made anew
	score  []float64
	step   []float64
}

// Draft is a fitted point of a [Path].
type Draft struct {
	// Coefficients are b, Intercept is a.
	Coefficients []float64
	Intercept    float64
	// Deviance is -2 log-likelihood, PenalizedDeviance adds the penalties.
	Deviance, PenalizedDeviance float64
	// Iterations counts the steps taken.
	Iterations int
}

// staleGain is the ratio of the gains expected of two steps in a row above
// which the information is made anew: steps that shrink by less than half.
const staleGain = 0.2

// NewPath begins at opts.Start, by default at the base rate. Penalty and
// Center of opts are not read.
func NewPath(d Design, y []float64, opts Options) (*Path, error) {
	opts.Penalty, opts.Center = nil, nil
	if err := opts.check(d.Rows(), d.Width(), y); err != nil {
		return nil, fmt.Errorf("logistic path: %w", err)
	}
	k := d.Width() + 1
	return &Path{search: newSearch(d, y, opts), score: make([]float64, k), step: make([]float64, k)}, nil
}

// Next fits under a penalty and what it is centred on, as in [Options].
//
// It ends when the gain expected of a step, or that of a full Newton step, is
// less than Tolerance of the penalised deviance and no row's log-odds moved by
// more than 0.05. Labels
// that the columns separate need a penalty here: without one the iterations
// run out with [ErrNotConverged].
func (p *Path) Next(penalty mat.Symmetric, center []float64) (*Draft, error) {
	s := p.search
	s.opts.Penalty, s.opts.Center = penalty, center
	if err := s.opts.checkPenalty(s.p); err != nil {
		return nil, fmt.Errorf("logistic path: %w", err)
	}
	s.at.penalized = s.at.deviance + s.penalty(&s.at)
	d, err := p.run()
	if err != nil {
		return nil, fmt.Errorf("logistic path: %w", err)
	}
	return d, nil
}

func (p *Path) run() (*Draft, error) {
	s := p.search
	most, tolerance := s.opts.limits()
	before := math.Inf(1)
	var curvature *regression.Curvature
	for iteration := 1; iteration <= most; iteration++ {
		if s.opts.Stop != nil && s.opts.Stop() {
			return nil, ErrStopped
		}
		fresh := p.kept == nil
		if curvature == nil {
			var err error
			if curvature, err = p.curvature(); err != nil {
				return nil, err
			}
		}
		s.scoreAt(p.score)
		expected := curvature.Step(p.score, p.step)
		gain, moved, _ := s.descend(p.step[0], p.step[1:])
		enough := tolerance * (math.Abs(s.at.penalized) + 1)
		if (expected <= enough || (fresh && gain <= enough)) && moved <= settledStep {
			return s.draft(iteration), nil
		}
		if expected > staleGain*before || gain < expected/2 {
			p.kept, curvature = nil, nil
			expected = math.Inf(1)
		}
		before = expected
	}
	return nil, ErrNotConverged
}

// curvature factors the information kept with the present penalty; where none
// is kept it is that of the present point.
func (p *Path) curvature() (*regression.Curvature, error) {
	if p.kept == nil {
		var err error
		if p.kept, err = p.search.moments(); err != nil {
			return nil, err
		}
	}
	return regression.NewCurvature(p.kept, p.search.opts.Penalty)
}

// scoreAt sets u to the score of half the penalised deviance, downhill:
// sum w (y-p) [1, x] - [k (a-a0), P (b-c)].
func (s *search) scoreAt(u []float64) {
	clear(u)
	for i, p := range s.at.probability {
		s.z[i] = s.opts.weight(i) * (s.y[i] - p)
	}
	s.d.AddScores(s.z, u)
	u[0] -= s.opts.InterceptPenalty * (s.at.a - s.opts.InterceptCenter)
	if s.opts.Penalty != nil {
		var pull mat.VecDense
		pull.MulVec(s.opts.Penalty, mat.NewVecDense(s.p, s.fromCenter(s.at.b, 1)))
		for j := range s.p {
			u[j+1] -= pull.AtVec(j)
		}
	}
}

func (s *search) draft(iterations int) *Draft {
	return &Draft{
		Coefficients: append([]float64(nil), s.at.b...), Intercept: s.at.a,
		Deviance: s.at.deviance, PenalizedDeviance: s.at.penalized, Iterations: iterations,
	}
}
