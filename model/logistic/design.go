package logistic

import (
	"fmt"

	"github.com/churnwatch/churnwatch/model/regression"
)

// Design is what a fit needs to know of its columns. [Dense] is the plain
// one; a sparse basis brings its own.
//
// Rows are visited in order of their index, in one goroutine.
type Design interface {
	// Rows returns the number of rows.
	Rows() int
	// Width returns p, the number of columns without the intercept.
	Width() int
	// Linear sets eta[i] = x_i'b for every row.
	Linear(b, eta []float64)
	// Moments returns the moments of [x_i, z_i] weighted by w_i.
	Moments(z, w []float64) (*regression.Moments, error)
	// AddScore adds r [1, x_i] to s, of length p+1.
	AddScore(i int, r float64, s []float64)
	// AddScores adds AddScore(i, r[i], s) for every row.
	AddScores(r, s []float64)
}

// Dense is a design stored row after row.
type Dense struct {
	x    []float64
	p, n int
}

var _ Design = (*Dense)(nil)

// NewDense returns the design of rows of p columns stored one after the other
// in x, which is kept. p must be positive and divide len(x).
func NewDense(x []float64, p int) (*Dense, error) {
	if p <= 0 || len(x)%p != 0 {
		return nil, fmt.Errorf("%d numbers in rows of %d: %w", len(x), p, regression.ErrWidth)
	}
	return &Dense{x: x, p: p, n: len(x) / p}, nil
}

// Rows returns the number of rows.
func (d *Dense) Rows() int { return d.n }

// Width returns the number of columns.
func (d *Dense) Width() int { return d.p }

// Linear sets eta[i] = x_i'b.
func (d *Dense) Linear(b, eta []float64) {
	for i := range eta {
		var sum float64
		for j, v := range d.x[i*d.p : (i+1)*d.p] {
			sum += v * b[j]
		}
		eta[i] = sum
	}
}

// Moments returns the weighted moments of [x, z].
func (d *Dense) Moments(z, w []float64) (*regression.Moments, error) {
	m := regression.NewMoments(d.p)
	if err := m.AddRows(d.x, z, w); err != nil {
		return nil, err
	}
	return m, nil
}

// AddScore adds r [1, x_i] to s.
func (d *Dense) AddScore(i int, r float64, s []float64) {
	s[0] += r
	for j, v := range d.x[i*d.p : (i+1)*d.p] {
		s[j+1] += r * v
	}
}

// AddScores adds r_i [1, x_i] of every row to s.
func (d *Dense) AddScores(r, s []float64) {
	for i, v := range r {
		d.AddScore(i, v, s)
	}
}
