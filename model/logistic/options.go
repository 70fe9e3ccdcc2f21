package logistic

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/churnwatch/churnwatch/model/regression"
)

// Errors of this package, besides those of model/regression.
var (
	// ErrSeparated says that without a penalty no finite estimate exists
	// (Albert and Anderson 1984, Biometrika 71(1)).
	ErrSeparated = errors.New("labels are separated by the columns")
	// ErrNotConverged says that the iterations ran out.
	ErrNotConverged = errors.New("not converged")
	// ErrStopped says that Stop asked to end.
	ErrStopped = errors.New("stopped")
	// ErrLabel says that a label is outside [0, 1].
	ErrLabel = errors.New("label outside [0, 1]")
	// ErrOneClass says that all labels are the same and the intercept is free.
	ErrOneClass = errors.New("all labels are the same")
)

// Options say how to fit. The zero value is plain maximum likelihood.
type Options struct {
	// Weights of the rows, >= 0; nil is 1 each.
	Weights []float64
	// Offset is added to the log-odds of each row; nil is 0.
	Offset []float64
	// Penalty P adds (b-Center)'P(b-Center) to the deviance; nil is none.
	Penalty mat.Symmetric
	// Center is what the penalty draws towards; nil is 0.
	Center []float64
	// InterceptPenalty k adds k (a-InterceptCenter)^2; 0 leaves a free.
	InterceptPenalty float64
	// InterceptCenter is what InterceptPenalty draws towards.
	InterceptCenter float64
	// Start are the intercept and the coefficients to begin with, length
	// p+1; nil is the base rate and Center.
	Start []float64
	// MaxIterations is the most steps; 0 means 50.
	MaxIterations int
	// Tolerance is the relative change of the penalised deviance at which
	// the fit is done; 0 means 1e-12.
	Tolerance float64
	// Stop, asked before each iteration, ends the fit with ErrStopped.
	Stop func() bool
}

const (
	defaultIterations = 50
	defaultTolerance  = 1e-12
	// settledStep is the largest move of a row's log-odds in the last step of
	// a fit that has converged. Under separation the deviance settles while
	// the log-odds go on moving by about 1 a step.
	settledStep = 0.05
	// extreme is the log-odds beyond which a fitted probability is 0 or 1 for
	// all that the data can say.
	extreme = 15
	// minWorkingWeight keeps the working residual of a certain row finite.
	minWorkingWeight = 1e-12
	// rounding is the relative rise of the deviance that is rounding of its sum.
	rounding = 1e-14
	// mostHalvings is how often a step that does not descend is halved.
	mostHalvings = 30
)

func (o Options) check(rows, p int, y []float64) error {
	if len(y) != rows || (o.Weights != nil && len(o.Weights) != rows) ||
		(o.Offset != nil && len(o.Offset) != rows) || (o.Start != nil && len(o.Start) != p+1) {
		return fmt.Errorf("%d rows of %d columns: %d labels, %d weights, %d offsets, start of %d: %w",
			rows, p, len(y), len(o.Weights), len(o.Offset), len(o.Start), regression.ErrWidth)
	}
	if !(o.InterceptPenalty >= 0) || math.IsInf(o.InterceptPenalty, 1) || math.IsNaN(o.InterceptCenter) {
		return fmt.Errorf("intercept penalty %v at %v: %w", o.InterceptPenalty, o.InterceptCenter, regression.ErrNotFinite)
	}
	var positive, total float64
	for i, v := range y {
		if !(v >= 0 && v <= 1) {
			return fmt.Errorf("row %d: %v: %w", i, v, ErrLabel)
		}
		w := o.weight(i)
		if !(w >= 0) || math.IsInf(w, 1) {
			return fmt.Errorf("row %d: %v: %w", i, w, regression.ErrWeight)
		}
		if o.Offset != nil && (math.IsNaN(o.Offset[i]) || math.IsInf(o.Offset[i], 0)) {
			return fmt.Errorf("row %d: offset: %w", i, regression.ErrNotFinite)
		}
		positive += w * v
		total += w
	}
	if total == 0 {
		return fmt.Errorf("no row with a weight: %w", regression.ErrTooFewRows)
	}
	if o.InterceptPenalty == 0 && (positive == 0 || positive == total) {
		return ErrOneClass
	}
	return nil
}

func (o Options) checkPenalty(p int) error {
	if (o.Penalty != nil && o.Penalty.SymmetricDim() != p) || (o.Center != nil && len(o.Center) != p) {
		return fmt.Errorf("penalty or centre, want %d columns: %w", p, regression.ErrWidth)
	}
	return nil
}

// limits returns MaxIterations and Tolerance with their defaults.
func (o Options) limits() (most int, tolerance float64) {
	most, tolerance = o.MaxIterations, o.Tolerance
	if most == 0 {
		most = defaultIterations
	}
	if tolerance == 0 {
		tolerance = defaultTolerance
	}
	return most, tolerance
}

func (o Options) weight(i int) float64 {
	if o.Weights == nil {
		return 1
	}
	return o.Weights[i]
}
