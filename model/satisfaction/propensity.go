package satisfaction

import (
	"fmt"

	"gonum.org/v1/gonum/mat"

	"github.com/churnwatch/churnwatch/model/logistic"
)

const (
	// leastOutcome is the least number of customers who answered, and of those
	// who did not, that a propensity is fitted on.
	leastOutcome = 30
	// defaultPropensityPrior is the standard deviation of a standardised
	// column's log-odds that the penalty assumes.
	defaultPropensityPrior = 1
)

// PropensityOptions say how to fit. The zero value is usable.
type PropensityOptions struct {
	// PriorDeviation is the standard deviation of a standardised column's
	// log-odds that the penalty assumes; 0 means 1.
	PriorDeviation float64
	// Stop, asked before each iteration, ends the fit.
	Stop func() bool
}

// Propensity is how probably each customer answers in a window.
type Propensity struct {
	// Probability by customer, in (0, 1).
	Probability []float64
	// Answered by customer: whether he did.
	Answered []bool
	// Answers counts those who did.
	Answers int
	// Columns name what it is made of, LogOdds what one standard deviation of
	// each adds.
	Columns  []string
	LogOdds  []float64
	Warnings []string

	x          []float64 // standardised columns, row after row
	covariance mat.Symmetric
}

// FitPropensity fits P(a customer answers in the window | what was known of him
// before it), one row a customer, by a logistic regression on the columns of the
// traits: piecewise linear in values (knots at the quartiles), an indicator a
// frequent word and one for a missing value. The columns are standardised and
// drawn to 0 with a normal prior of standard deviation PriorDeviation
// (Hosmer, Lemeshow and Sturdivant 2013; le Cessie and van Houwelingen 1992),
// so that separation by a rare word leaves finite weights.
//
// Traits must not be younger than the window's start, and every customer of the
// population needs a row, whether or not he was asked. Without a trait that
// varies, all have the same probability. Errors: [ErrTooFewAnswers] with fewer
// than 30 who answered or who did not, [ErrValue].
func FitPropensity(traits []Trait, answered []bool, o PropensityOptions) (*Propensity, error) {
	if o.PriorDeviation == 0 {
		o.PriorDeviation = defaultPropensityPrior
	}
	p := &Propensity{Answered: answered, Probability: make([]float64, len(answered))}
	y := make([]float64, len(answered))
	for i, a := range answered {
		if a {
			y[i] = 1
			p.Answers++
		}
	}
	if silent := len(answered) - p.Answers; p.Answers < leastOutcome || silent < leastOutcome {
		return nil, fmt.Errorf("propensity: %d customers answered and %d did not, need %d of each: %w", p.Answers, silent, leastOutcome, ErrTooFewAnswers)
	}
	var err error
	if p.x, p.Columns, err = design(traits, len(answered)); err != nil {
		return nil, fmt.Errorf("propensity: %w", err)
	}
	if len(p.Columns) == 0 {
		p.constant()
		return p, nil
	}
	return p, p.fit(y, o)
}

// constant gives everybody the share who answered.
func (p *Propensity) constant() {
	n := float64(len(p.Answered))
	share := float64(p.Answers) / n
	for i := range p.Probability {
		p.Probability[i] = share
	}
	p.covariance = mat.NewSymDense(1, []float64{1 / (n * share * (1 - share))})
}

func (p *Propensity) fit(y []float64, o PropensityOptions) error {
	width := len(p.Columns)
	d, err := logistic.NewDense(p.x, width)
	if err != nil {
		return fmt.Errorf("propensity: %w", err)
	}
	penalty := mat.NewSymDense(width, nil)
	for j := range width {
		penalty.SetSym(j, j, 1/(o.PriorDeviation*o.PriorDeviation))
	}
	fit, err := logistic.New(d, y, logistic.Options{Penalty: penalty, Stop: o.Stop})
	if err != nil {
		return fmt.Errorf("propensity: %w", err)
	}
	for i, eta := range fit.LogOdds {
		p.Probability[i] = logistic.Probability(eta)
	}
	p.LogOdds, p.Warnings, p.covariance = fit.Coefficients, fit.Warnings, fit.Covariance()
	return nil
}

// row sets to to [1, x_i].
func (p *Propensity) row(i int, to []float64) {
	to[0] = 1
	copy(to[1:], p.x[i*len(p.Columns):(i+1)*len(p.Columns)])
}
