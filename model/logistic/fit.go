package logistic

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/churnwatch/churnwatch/model/estimate"
	"github.com/churnwatch/churnwatch/model/regression"
)

// Fit is a fitted logistic regression.
type Fit struct {
	// Coefficients are b, Intercept is a.
	Coefficients []float64
	Intercept    float64
	// LogOdds are the fitted log-odds of the rows, offsets included.
	LogOdds []float64
	// Deviance is -2 log-likelihood, PenalizedDeviance adds the penalties.
	Deviance, PenalizedDeviance float64
	// Iterations counts the steps taken.
	Iterations int
	// Warnings say in words what limits the fit.
	Warnings []string

	last    *regression.Fit // the step's problem at the solution
	weights []float64
	y       []float64
}

// New fits y to the columns of d.
//
// It ends when a step changes the penalised deviance by less than Tolerance
// of itself and no row's log-odds by more than 0.05. Without a penalty,
// separated labels give [ErrSeparated]; with one they give a warning.
// Collinear columns give the error of [regression.Solve].
func New(d Design, y []float64, opts Options) (*Fit, error) {
	if err := opts.check(d.Rows(), d.Width(), y); err != nil {
		return nil, fmt.Errorf("logistic: %w", err)
	}
	s := newSearch(d, y, opts)
	f, err := s.run()
	if err != nil {
		return nil, fmt.Errorf("logistic: %w", err)
	}
	return f, nil
}

// Covariance returns the inverse of the penalised information, intercept
// first: for independent rows the covariance of the estimates without a
// penalty, the posterior covariance with one.
func (f *Fit) Covariance() *mat.SymDense { return f.last.Covariance() }

// PenaltyCovariance returns V P V, the penalty's part of
// [Fit.Covariance]: what shrinkage costs when the penalty is the true prior.
// The intercept's own penalty is not in it.
func (f *Fit) PenaltyCovariance() *mat.SymDense { return f.last.PenaltyCovariance() }

// EffectiveParameters returns the trace of the penalised information's
// inverse times the information, intercept included.
func (f *Fit) EffectiveParameters() float64 { return f.last.EffectiveParameters() }

// Clustered returns the sandwich covariance V (sum_g s_g s_g') V G/(G-1)
// clustered by customer, intercept first, and the number G of clusters (Liang
// and Zeger 1986). d must be the design that f was fitted on; cluster nil
// makes every row its own. The penalty's part is not in it.
func (f *Fit) Clustered(d Design, cluster []int) (*mat.SymDense, int, error) {
	if d.Rows() != len(f.y) || (cluster != nil && len(cluster) != len(f.y)) {
		return nil, 0, fmt.Errorf("clustered: %d rows, %d clusters for %d labels: %w",
			d.Rows(), len(cluster), len(f.y), regression.ErrWidth)
	}
	middle, groups := regression.Middle(d.Width()+1, d.Rows(), cluster, func(i int, s []float64) {
		r := f.y[i] - Probability(f.LogOdds[i])
		if f.weights != nil {
			r *= f.weights[i]
		}
		d.AddScore(i, r, s)
	})
	return regression.Sandwich(f.last.Bread(), middle), groups, nil
}

// Estimates returns the intercept and the coefficients with standard errors
// from the diagonal of a covariance; n is the number of independent units.
func (f *Fit) Estimates(covariance mat.Symmetric, confidence float64, n int) []estimate.Estimate {
	at := regression.Fit{Intercept: f.Intercept, Coefficients: f.Coefficients}
	out := at.Estimates(covariance, confidence, n)
	for i := range out {
		for _, warning := range f.Warnings {
			out[i] = out[i].Warn(warning)
		}
	}
	return out
}

// Predict returns the log-odds a + x'b.
func (f *Fit) Predict(x []float64) float64 {
	at := regression.Fit{Intercept: f.Intercept, Coefficients: f.Coefficients}
	return at.Predict(x)
}

// warnOfSeparation says so when rows are fitted to certainty.
func (f *Fit) warnOfSeparation() {
	certain := 0
	for _, eta := range f.LogOdds {
		if math.Abs(eta) > extreme {
			certain++
		}
	}
	if certain > 0 {
		f.Warnings = append(f.Warnings,
			fmt.Sprintf("%d of %d rows are fitted to certainty: the columns all but separate the labels, the penalty decides", certain, len(f.LogOdds)))
	}
}
