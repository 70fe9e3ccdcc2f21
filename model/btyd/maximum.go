package btyd

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/optimize"
)

// objective returns the mean log-likelihood at a point and writes its slopes.
type objective func(x, slope []float64) float64

const (
	mostIterations = 500
	newtonSteps    = 20
	// flat is the slope of the mean log-likelihood, by logs of parameters,
	// from which a point counts as a maximum.
	flat = 1e-7
	// vague is the standard deviation of a normal prior on each log parameter
	// that keeps the curvature invertible where data say nothing. It adds a
	// hundredth to an information that is in the tens for a usable parameter.
	vague = 10
)

// maximum is where an objective is largest.
type maximum struct {
	at         []float64
	value      float64
	converged  bool
	iterations int
}

// maximise climbs from each start by BFGS, then by Newton's steps, and keeps
// the highest point; ties keep the earlier start.
func maximise(f objective, starts [][]float64, stop func() bool) (maximum, error) {
	best := maximum{value: math.Inf(-1)}
	for _, start := range starts {
		m, err := climb(f, start, stop)
		if err != nil {
			return best, err
		}
		m = polish(f, m)
		if m.value > best.value {
			best = m
		}
	}
	if best.at == nil {
		return best, ErrDiverged
	}
	return best, nil
}

func climb(f objective, start []float64, stop func() bool) (maximum, error) {
	stopped := false
	problem := optimize.Problem{
		Func: func(x []float64) float64 { return -f(x, nil) },
		Grad: func(slope, x []float64) {
			f(x, slope)
			for i := range slope {
				slope[i] = -slope[i]
			}
		},
		Status: func() (optimize.Status, error) {
			if stopped = stop != nil && stop(); stopped {
				return optimize.RuntimeLimit, nil
			}
			return optimize.NotTerminated, nil
		},
	}
	settings := &optimize.Settings{MajorIterations: mostIterations, GradientThreshold: flat, Converger: optimize.NeverTerminate{}}
	// A line search that can't improve any more ends with an error at the best
	// point so far, which polish judges by its slope.
	result, err := optimize.Minimize(problem, start, settings, &optimize.BFGS{})
	switch {
	case stopped:
		return maximum{}, ErrStopped
	case result == nil:
		return maximum{}, fmt.Errorf("%w: %w", ErrDiverged, err)
	}
	return maximum{at: result.X, value: -result.F, iterations: result.MajorIterations}, nil
}

// polish takes Newton's steps while they raise the value or flatten the slope.
func polish(f objective, m maximum) maximum {
	slope := make([]float64, len(m.at))
	m.value = f(m.at, slope)
	for range newtonSteps {
		steepest := steepness(slope)
		if m.converged = steepest < flat; m.converged {
			break
		}
		step, ok := newtonStep(f, m.at, slope)
		if !ok {
			break
		}
		next, nextSlope := make([]float64, len(m.at)), make([]float64, len(m.at))
		for i := range next {
			next[i] = m.at[i] + step[i]
		}
		value := f(next, nextSlope)
		if !(value >= m.value-1e-12*math.Abs(m.value)) || !(steepness(nextSlope) < steepest) {
			break
		}
		m.at, m.value, slope = next, value, nextSlope
		m.iterations++
	}
	m.converged = steepness(slope) < 100*flat
	return m
}

func steepness(slope []float64) (most float64) {
	for _, s := range slope {
		most = math.Max(most, math.Abs(s))
	}
	return most
}

func newtonStep(f objective, at, slope []float64) ([]float64, bool) {
	var chol mat.Cholesky
	if !chol.Factorize(curvature(f, at, 1e-9)) {
		return nil, false
	}
	step := mat.NewVecDense(len(at), nil)
	if err := chol.SolveVecTo(step, mat.NewVecDense(len(slope), slope)); err != nil {
		return nil, false
	}
	return step.RawVector().Data, true
}

// curvature returns minus the second derivatives at a point, from central
// differences of the slopes, with ridge added to its diagonal.
func curvature(f objective, at []float64, ridge float64) *mat.SymDense {
	const step = 1e-4
	n := len(at)
	rows := make([][]float64, n)
	for i := range n {
		up, down := make([]float64, n), make([]float64, n)
		x := append([]float64(nil), at...)
		x[i] = at[i] + step
		f(x, up)
		x[i] = at[i] - step
		f(x, down)
		rows[i] = make([]float64, n)
		for j := range n {
			rows[i][j] = (down[j] - up[j]) / (2 * step)
		}
	}
	out := mat.NewSymDense(n, nil)
	for i := range n {
		for j := i; j < n; j++ {
			out.SetSym(i, j, (rows[i][j]+rows[j][i])/2)
		}
		out.SetSym(i, i, out.At(i, i)+ridge)
	}
	return out
}

// covariance returns that of a maximum over total customers: the inverse of
// the observed information, with vague priors.
func covariance(f objective, at []float64, total float64) ([][]float64, error) {
	information := curvature(f, at, 0)
	information.ScaleSym(total, information)
	n := len(at)
	for i := range n {
		information.SetSym(i, i, information.At(i, i)+1/(vague*vague))
	}
	var chol mat.Cholesky
	if !chol.Factorize(information) {
		return nil, ErrDiverged
	}
	var inverse mat.SymDense
	if err := chol.InverseTo(&inverse); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDiverged, err)
	}
	out := make([][]float64, n)
	for i := range out {
		out[i] = make([]float64, n)
		for j := range out[i] {
			out[i][j] = inverse.At(i, j)
		}
	}
	return out, nil
}

// wall returns how far x lies outside [low, high], signed.
func wall(x, low, high float64) float64 { return x - math.Max(low, math.Min(high, x)) }
