package regression

import (
	"fmt"
	"math"

	"github.com/sajari/regression"
	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/mat"
)

// Options say how to solve. The zero value is ordinary least squares.
type Options struct {
	// Penalty P adds (b-Center)'P(b-Center) to the weighted sum of squares.
	// It is p x p, positive semidefinite; nil is none. The intercept is free.
	Penalty mat.Symmetric
	// Center is what the penalty draws towards, length p; nil is 0.
	Center []float64
	// Dispersion is the noise variance of a row of weight 1 where it is known
	// (1 for a logistic step); 0 means that it is estimated.
	Dispersion float64
	// Draft takes the coefficients from the Cholesky factor by
	// back-substitution and leaves the solver out. They agree to about 1e-12
	// and cost a hundredth: for the steps of a search, of which only the last
	// is reported.
	Draft bool
	// Tolerance is the smallest share of a column's (penalised) variance that
	// the columns before it must leave unexplained; 0 means 1e-11.
	Tolerance float64
}

const (
	defaultTolerance = 1e-11
	// constantShare is the standard deviation, as a share of the mean, below
	// which a column is rounding noise around a constant.
	constantShare = 1e-13
)

// Solve returns the minimiser of
//
//	sum_i w_i (y_i - a - x_i'b)^2 + (b-c)'P(b-c)
//
// over a and b, from the moments alone. Without a penalty a column that does
// not vary gives [ErrConstant] and one that depends linearly on those before
// it [ErrCollinear], both in a [ColumnError]; with one, only a direction that
// neither rows nor penalty determine does. The noise variance is
//
//	sum_i w_i r_i^2 / (n - edf),  edf = 1 + trace((S+P)^-1 S)
//
// with n rows of positive weight; n <= edf gives [ErrTooFewRows] unless
// Dispersion is set. m is only read.
func Solve(m *Moments, opts Options) (*Fit, error) {
	m.flush()
	p := m.Width()
	if m.weight == 0 {
		return nil, fmt.Errorf("solve: no rows: %w", ErrTooFewRows)
	}
	if err := opts.check(p); err != nil {
		return nil, fmt.Errorf("solve: %w", err)
	}
	f := &Fit{
		Coefficients: make([]float64, p), Rows: m.rows, Weight: m.weight,
		mean: m.Mean(), penalty: opts.Penalty,
	}
	f.system = newSystem(m, opts)
	if err := f.system.factorise(m, f.mean, opts); err != nil {
		return nil, fmt.Errorf("solve: %w", err)
	}
	scaled, err := f.system.solution(opts.Draft)
	if err != nil {
		return nil, fmt.Errorf("solve: %w", err)
	}
	f.finish(scaled, opts)
	if f.ResidualVariance = opts.Dispersion; opts.Dispersion == 0 {
		left := float64(f.Rows) - f.EffectiveParameters()
		if left <= 1e-9 {
			return nil, fmt.Errorf("solve: %d rows for %.1f parameters: %w", f.Rows, f.EffectiveParameters(), ErrTooFewRows)
		}
		f.ResidualVariance = f.ResidualSumOfSquares / left
	}
	return f, nil
}

func (o Options) check(p int) error {
	if o.Penalty != nil && o.Penalty.SymmetricDim() != p {
		return fmt.Errorf("penalty of %d columns for %d: %w", o.Penalty.SymmetricDim(), p, ErrWidth)
	}
	if o.Center != nil && len(o.Center) != p {
		return fmt.Errorf("centre of %d columns for %d: %w", len(o.Center), p, ErrWidth)
	}
	for j, c := range o.Center {
		if !finite(c) {
			return &ColumnError{Column: j, Err: ErrNotFinite}
		}
	}
	if !(o.Dispersion >= 0) || math.IsInf(o.Dispersion, 1) {
		return fmt.Errorf("dispersion %v: %w", o.Dispersion, ErrNotFinite)
	}
	if o.Penalty == nil {
		return nil
	}
	for i := range p {
		for j := i; j < p; j++ {
			if !finite(o.Penalty.At(i, j)) {
				return fmt.Errorf("penalty: %w", &ColumnError{Column: i, Err: ErrNotFinite})
			}
		}
	}
	return nil
}

// system is the penalised second moments of [x, y - x'c], scaled to a unit
// diagonal, and their Cholesky factor.
type system struct {
	p      int
	second []float64 // (p+1) x (p+1), full, penalised, not scaled
	scale  []float64 // p+1: roots of the diagonal, 1 where it is 0
	lower  []float64 // (p+1) x (p+1), lower triangle
}

func newSystem(m *Moments, opts Options) *system {
	p, k := m.width-1, m.width
	s := &system{p: p, second: make([]float64, k*k), scale: make([]float64, k)}
	for i := range k {
		for j := i; j < k; j++ {
			s.second[i*k+j] = m.second[i*k+j]
			s.second[j*k+i] = m.second[i*k+j]
		}
	}
	if opts.Center != nil {
		s.recentre(opts.Center)
	}
	if opts.Penalty != nil {
		for i := range p {
			for j := range p {
				s.second[i*k+j] += opts.Penalty.At(i, j)
			}
		}
	}
	for i := range k {
		s.scale[i] = 1
		if v := s.second[i*k+i]; v > 0 {
			s.scale[i] = math.Sqrt(v)
		}
	}
	return s
}

// recentre replaces y by y - x'c in the second moments.
func (s *system) recentre(c []float64) {
	k := s.p + 1
	syy := s.second[k*k-1]
	for i := range s.p {
		var sxc float64
		for j, cj := range c {
			sxc += s.second[i*k+j] * cj
		}
		sxy := s.second[i*k+s.p]
		syy += c[i]*sxc - 2*c[i]*sxy
		s.second[i*k+s.p] = sxy - sxc
		s.second[s.p*k+i] = sxy - sxc
	}
	s.second[k*k-1] = math.Max(syy, 0)
}

// factorise takes the Cholesky factor of the scaled moments and refuses a
// column that the ones before it leave nothing of. The last pivot, y's own,
// may be 0: that is a perfect fit.
func (s *system) factorise(m *Moments, mean []float64, opts Options) error {
	k := s.p + 1
	tolerance := opts.Tolerance
	if tolerance == 0 {
		tolerance = defaultTolerance
	}
	for j := range s.p {
		floor := m.weight * math.Pow(constantShare*mean[j], 2)
		if free := opts.Penalty == nil || opts.Penalty.At(j, j) == 0; free && m.second[j*k+j] <= floor {
			return &ColumnError{Column: j, Err: ErrConstant}
		}
	}
	s.lower = make([]float64, k*k)
	for i := range k {
		row := s.lower[i*k : i*k+i+1]
		for j := range i {
			other := s.lower[j*k : j*k+j+1]
			row[j] = (s.second[i*k+j]/s.scale[i]/s.scale[j] - dot(row[:j], other[:j])) / other[j]
		}
		pivot := s.second[i*k+i]/s.scale[i]/s.scale[i] - dot(row[:i], row[:i])
		if i < s.p && !(pivot > tolerance) {
			return &ColumnError{Column: i, Err: ErrCollinear}
		}
		row[i] = math.Sqrt(math.Max(pivot, 0))
	}
	return nil
}

func dot(a, b []float64) float64 {
	return blas64.Dot(blas64.Vector{N: len(a), Inc: 1, Data: a}, blas64.Vector{N: len(b), Inc: 1, Data: b})
}

// solution returns the p coefficients of the scaled system.
func (s *system) solution(draft bool) ([]float64, error) {
	if !draft {
		return solvePoints(s.lower, s.p)
	}
	b := append([]float64(nil), s.lower[s.p*(s.p+1):s.p*(s.p+2)]...)
	s.back(b)
	return b, nil
}

// back solves L'b = v in place, L the first p rows of the factor.
func (s *system) back(v []float64) {
	if s.p > 0 {
		blas64.Trsv(blas.Trans, s.triangle(), blas64.Vector{N: s.p, Inc: 1, Data: v})
	}
}

// forward solves Lb = v in place.
func (s *system) forward(v []float64) {
	if s.p > 0 {
		blas64.Trsv(blas.NoTrans, s.triangle(), blas64.Vector{N: s.p, Inc: 1, Data: v})
	}
}

func (s *system) triangle() blas64.Triangular {
	return blas64.Triangular{Uplo: blas.Lower, Diag: blas.NonUnit, N: s.p, Stride: s.p + 1, Data: s.lower}
}

// solvePoints hands the sigma points of the scaled system to the solver and
// returns its p coefficients. The points come in pairs +-L_i around 0, so
// the solver's own intercept is 0.
func solvePoints(lower []float64, p int) ([]float64, error) {
	if p == 0 {
		return nil, nil
	}
	k := p + 1
	r := new(regression.Regression)
	for i := range k {
		for _, sign := range []float64{1, -1} {
			x := make([]float64, p)
			for j := i; j < p; j++ {
				x[j] = sign * lower[j*k+i]
			}
			r.Train(regression.DataPoint(sign*lower[p*k+i], x))
		}
	}
	if err := r.Run(); err != nil {
		return nil, err
	}
	b := r.GetCoeffs()[1:]
	for j, v := range b {
		if !finite(v) {
			return nil, &ColumnError{Column: j, Err: ErrNotFinite}
		}
	}
	return b, nil
}
