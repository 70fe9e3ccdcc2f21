package painpoint

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/churnwatch/churnwatch/model/estimate"
	"github.com/churnwatch/churnwatch/model/regression"
)

// part says what a column holds.
type part int

const (
	counts part = iota
	severities
	controls
)

// column is one column of a fit; index is that of the detector or control.
type column struct {
	part   part
	index  int
	values []float64
}

// columnsOf lays columns out: counts, then severities, then controls, so that
// of two that say the same the one that matters more comes first and stays.
// Detectors without an incident have no column.
func columnsOf(detectors []Detector, others [][]float64, severity bool) []column {
	var out []column
	for j, d := range detectors {
		if slices.ContainsFunc(d.Count, func(c float64) bool { return c > 0 }) {
			out = append(out, column{counts, j, d.Count})
		}
	}
	for j, d := range detectors {
		if severity && d.Severity != nil && slices.ContainsFunc(d.Severity, func(s float64) bool { return s != 0 }) {
			out = append(out, column{severities, j, d.Severity})
		}
	}
	for j, c := range others {
		out = append(out, column{controls, j, c})
	}
	return out
}

// rowMajor writes columns row after row.
func rowMajor(columns []column, n int) []float64 {
	x := make([]float64, n*len(columns))
	for c, col := range columns {
		for i, v := range col.values {
			x[i*len(columns)+c] = v
		}
	}
	return x
}

// faulty returns the column at fault when a fit fails for one that does not
// vary or that depends on those before it.
func faulty(err error, columns []column) (int, bool) {
	var at *regression.ColumnError
	if !errors.As(err, &at) || at.Column >= len(columns) {
		return 0, false
	}
	return at.Column, errors.Is(err, regression.ErrCollinear) || errors.Is(err, regression.ErrConstant)
}

// why says in words what was wrong with a dropped column.
func why(err error) string {
	if errors.Is(err, regression.ErrConstant) {
		return "the same in every row"
	}
	return "a combination of the pain points before it"
}

// solved is a least-squares fit of the columns that could be told apart.
type solved struct {
	columns    []column
	moments    *regression.Moments
	fit        *regression.Fit
	covariance *mat.SymDense
	customers  int
	// dropped says why a column is missing.
	dropped map[part]map[int]string
}

// solve fits y by weighted least squares, dropping columns at fault.
func solve(columns []column, y, weight []float64, customer []int) (*solved, error) {
	s := &solved{columns: columns, dropped: map[part]map[int]string{counts: {}, severities: {}, controls: {}}}
	for {
		x := rowMajor(s.columns, len(y))
		s.moments = regression.NewMoments(len(s.columns))
		if err := s.moments.AddRows(x, y, weight); err != nil {
			return nil, fmt.Errorf("moments: %w", err)
		}
		fit, err := regression.Solve(s.moments, regression.Options{})
		if at, ok := faulty(err, s.columns); ok {
			s.drop(at, why(err))
			continue
		}
		if err != nil {
			return nil, err
		}
		s.fit = fit
		s.covariance, s.customers, err = fit.Clustered(x, y, weight, customer)
		return s, err
	}
}

// drop takes column at away, and with a detector's count its severity.
func (s *solved) drop(at int, reason string) {
	gone := s.columns[at]
	s.dropped[gone.part][gone.index] = reason
	s.columns = slices.DeleteFunc(slices.Clone(s.columns), func(c column) bool {
		return c.index == gone.index && (c.part == gone.part || gone.part == counts && c.part == severities)
	})
}

// at returns the position of a column in the coefficients, -1 if dropped.
func (s *solved) at(p part, index int) int {
	return slices.IndexFunc(s.columns, func(c column) bool { return c.part == p && c.index == index })
}

// combine returns a1 b1 + a2 b2 of two coefficients with its standard error by
// the delta method; a position of -1 stands for no coefficient.
func (s *solved) combine(first int, a1 float64, second int, a2, confidence float64) estimate.Estimate {
	var value, variance float64
	if first >= 0 {
		value += a1 * s.fit.Coefficients[first]
		variance += a1 * a1 * s.covariance.At(first+1, first+1)
	}
	if second >= 0 {
		value += a2 * s.fit.Coefficients[second]
		variance += a2 * a2 * s.covariance.At(second+1, second+1)
	}
	if first >= 0 && second >= 0 {
		variance += 2 * a1 * a2 * s.covariance.At(first+1, second+1)
	}
	return estimate.Normal(value, math.Sqrt(math.Max(0, variance)), confidence, s.customers)
}
