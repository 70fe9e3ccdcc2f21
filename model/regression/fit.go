package regression

import (
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/churnwatch/churnwatch/model/estimate"
)

// Fit is a solved least-squares problem with p columns and an intercept.
//
// Its matrices are (p+1) x (p+1) with the intercept first.
type Fit struct {
	// Coefficients are b, in the order of the columns.
	Coefficients []float64
	// Intercept is a.
	Intercept float64
	// ResidualSumOfSquares is sum w r^2, without the penalty's share.
	ResidualSumOfSquares float64
	// ResidualVariance is the noise variance of a row of weight 1.
	ResidualVariance float64
	// Rows and Weight are those of the moments.
	Rows   int
	Weight float64

	mean    []float64 // of [x, y]
	system  *system
	penalty mat.Symmetric
	bread   *mat.SymDense
}

// finish turns the scaled solution into coefficients and residuals.
func (f *Fit) finish(scaled []float64, opts Options) {
	s, p := f.system, len(f.Coefficients)
	k := p + 1
	shift := make([]float64, p) // b - c
	f.Intercept = f.mean[p]
	for j, v := range scaled {
		shift[j] = v * s.scale[p] / s.scale[j]
		f.Coefficients[j] = shift[j]
		if opts.Center != nil {
			f.Coefficients[j] += opts.Center[j]
		}
		f.Intercept -= f.Coefficients[j] * f.mean[j]
	}
	// The last pivot is the share of y that the penalised fit leaves.
	rest := math.Pow(s.lower[k*k-1]*s.scale[p], 2)
	if opts.Penalty != nil {
		v := mat.NewVecDense(p, shift)
		rest -= mat.Inner(v, opts.Penalty, v)
	}
	f.ResidualSumOfSquares = math.Max(0, rest)
}

// Predict returns a + x'b. It panics when x is shorter than the coefficients.
func (f *Fit) Predict(x []float64) float64 {
	y := f.Intercept
	for j, b := range f.Coefficients {
		y += b * x[j]
	}
	return y
}

// EffectiveParameters returns 1 + trace((S+P)^-1 S), which is p+1 without a
// penalty.
func (f *Fit) EffectiveParameters() float64 {
	p := len(f.Coefficients)
	if f.penalty == nil {
		return float64(p + 1)
	}
	v := f.Bread()
	edf := float64(p + 1)
	for i := range p {
		for j := range p {
			edf -= v.At(i+1, j+1) * f.penalty.At(i, j)
		}
	}
	return edf
}

// Bread returns the inverse of the penalised Hessian of half the sum of
// squares, the outer matrix of a sandwich:
//
//	V = (S+P)^-1;  [1/W + m'Vm, -m'V; -Vm, V],  m the means
//
// It is computed once and must not be changed.
func (f *Fit) Bread() *mat.SymDense {
	if f.bread != nil {
		return f.bread
	}
	p := len(f.Coefficients)
	f.bread = mat.NewSymDense(p+1, nil)
	if p == 0 {
		f.bread.SetSym(0, 0, 1/f.Weight)
		return f.bread
	}
	inverse := f.system.inverse()
	corner := 1 / f.Weight
	for i := range p {
		var vm float64
		for j := range p {
			vm += inverse.At(i, j) * f.mean[j]
			if j >= i {
				f.bread.SetSym(i+1, j+1, inverse.At(i, j))
			}
		}
		f.bread.SetSym(0, i+1, -vm)
		corner += f.mean[i] * vm
	}
	f.bread.SetSym(0, 0, corner)
	return f.bread
}

// inverse returns (S+P)^-1 from the Cholesky factor.
func (s *system) inverse() *mat.SymDense {
	k := s.p + 1
	upper := mat.NewTriDense(s.p, mat.Upper, nil)
	for i := range s.p {
		for j := range i + 1 {
			upper.SetTri(j, i, s.lower[i*k+j])
		}
	}
	var factor mat.Cholesky
	factor.SetFromU(upper)
	inverse := mat.NewSymDense(s.p, nil)
	// The condition was judged by the pivots; an ill-conditioned inverse is still one.
	_ = factor.InverseTo(inverse)
	for i := range s.p {
		for j := i; j < s.p; j++ {
			inverse.SetSym(i, j, inverse.At(i, j)/s.scale[i]/s.scale[j])
		}
	}
	return inverse
}

// Covariance returns ResidualVariance times [Fit.Bread]: for independent
// rows, the covariance of the estimates without a penalty and the posterior
// covariance with one (Wahba 1983, JRSS B 45(1)).
func (f *Fit) Covariance() *mat.SymDense {
	var c mat.SymDense
	c.ScaleSym(f.ResidualVariance, f.Bread())
	return &c
}

// PenaltyCovariance returns ResidualVariance times V P V, V the bread: the
// expected squared bias of shrinkage when the penalty is the true prior. A
// clustered sandwich plus this is to [Fit.Covariance] what the sandwich is to
// the plain covariance. It is 0 without a penalty.
func (f *Fit) PenaltyCovariance() *mat.SymDense {
	p := len(f.Coefficients)
	middle := mat.NewSymDense(p+1, nil)
	if f.penalty != nil {
		for i := range p {
			for j := i; j < p; j++ {
				middle.SetSym(i+1, j+1, f.ResidualVariance*f.penalty.At(i, j))
			}
		}
	}
	return Sandwich(f.Bread(), middle)
}

// Estimates returns the intercept and the coefficients with standard errors
// from the diagonal of a covariance such as [Fit.Covariance] or a clustered
// one. n is the number of independent units: rows, or clusters.
func (f *Fit) Estimates(covariance mat.Symmetric, confidence float64, n int) []estimate.Estimate {
	out := make([]estimate.Estimate, len(f.Coefficients)+1)
	for i := range out {
		value := f.Intercept
		if i > 0 {
			value = f.Coefficients[i-1]
		}
		se := math.Sqrt(math.Max(0, covariance.At(i, i)))
		out[i] = estimate.Normal(value, se, confidence, n)
		if n < fewUnits {
			out[i] = out[i].Warn("fewer than 30 independent units: the interval is too narrow")
		}
	}
	return out
}

// fewUnits is where the normal interval of a sandwich stops being honest.
const fewUnits = 30
