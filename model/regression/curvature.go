package regression

import (
	"fmt"

	"gonum.org/v1/gonum/mat"
)

// Curvature is a penalised second-moment matrix, factored once for the many
// steps of a search that keeps it (a chord, or modified Newton, method).
type Curvature struct {
	system *system
	mean   []float64
	weight float64
}

// NewCurvature factors the moments of x (those of y are not used) with the
// penalty, nil for none. Its errors are those of [Solve].
func NewCurvature(m *Moments, penalty mat.Symmetric) (*Curvature, error) {
	m.flush()
	opts := Options{Penalty: penalty}
	if m.weight == 0 {
		return nil, fmt.Errorf("curvature: no rows: %w", ErrTooFewRows)
	}
	if err := opts.check(m.Width()); err != nil {
		return nil, fmt.Errorf("curvature: %w", err)
	}
	c := &Curvature{system: newSystem(m, opts), mean: m.Mean(), weight: m.weight}
	if err := c.system.factorise(m, c.mean, opts); err != nil {
		return nil, fmt.Errorf("curvature: %w", err)
	}
	return c, nil
}

// Step sets step to H^-1 score, both of length p+1 with the intercept first:
//
//	H = sum w [1, x][1, x]' + diag(0, P)
//
// It returns score'step, what the step gains of the quadratic
// step'H step - 2 score'step. Score and step may be the same slice.
func (c *Curvature) Step(score, step []float64) (gain float64) {
	s := c.system
	first := score[0]
	b := step[1:]
	for j, u := range score[1:] {
		b[j] = (u - first*c.mean[j]) / s.scale[j]
	}
	s.forward(b)
	gain = first*first/c.weight + dot(b, b)
	s.back(b)
	step[0] = first / c.weight
	for j := range b {
		b[j] /= s.scale[j]
		step[0] -= c.mean[j] * b[j]
	}
	return gain
}
