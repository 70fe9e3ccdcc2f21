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
	// defaultMostRows bounds the rows of the fit: of so many, its own error is
	// nothing beside that of the answers.
	defaultMostRows = 100_000
	// leastSampled is how many of those who answered, and of the others, are
	// fitted on all the same.
	leastSampled = 1000
	// enough is the relative change of the deviance at which the fit is done.
	enough = 1e-10
)

// PropensityOptions say how to fit. The zero value is usable.
type PropensityOptions struct {
	// PriorDeviation is the standard deviation of a standardised column's
	// log-odds that the penalty assumes; 0 means 1.
	PriorDeviation float64
	// MostRows bounds the customers that it is fitted on, every so manieth in
	// their order; the rest are foretold. 0 means 100,000.
	MostRows int
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

	columns    []column
	step       int // every step-th row was fitted on
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
// population needs a row, whether or not he was asked; their order must not go
// with their answering where there are more than MostRows. Without a trait that
// varies, all have the same probability. Errors: [ErrTooFewAnswers] with fewer
// than 30 who answered or who did not, [ErrValue].
func FitPropensity(traits []Trait, answered []bool, o PropensityOptions) (*Propensity, error) {
	if o.PriorDeviation == 0 {
		o.PriorDeviation = defaultPropensityPrior
	}
	if o.MostRows == 0 {
		o.MostRows = defaultMostRows
	}
	p := &Propensity{Answered: answered, Probability: make([]float64, len(answered))}
	for _, a := range answered {
		if a {
			p.Answers++
		}
	}
	silent := len(answered) - p.Answers
	if p.Answers < leastOutcome || silent < leastOutcome {
		return nil, fmt.Errorf("propensity: %d customers answered and %d did not, need %d of each: %w", p.Answers, silent, leastOutcome, ErrTooFewAnswers)
	}
	p.step = max(1, min((len(answered)+o.MostRows-1)/o.MostRows, min(p.Answers, silent)/leastSampled))
	var err error
	if p.columns, err = columnsOf(traits, len(answered)); err != nil {
		return nil, fmt.Errorf("propensity: %w", err)
	}
	for _, c := range p.columns {
		p.Columns = append(p.Columns, c.name)
	}
	if len(p.columns) == 0 {
		p.constant()
		return p, nil
	}
	return p, p.fit(o)
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

func (p *Propensity) fit(o PropensityOptions) error {
	width := len(p.columns)
	rows := (len(p.Answered) + p.step - 1) / p.step
	x, y := make([]float64, 0, rows*width), make([]float64, 0, rows)
	for i := 0; i < len(p.Answered); i += p.step {
		label := 0.0
		if p.Answered[i] {
			label = 1
		}
		y = append(y, label)
		for j := range p.columns {
			x = append(x, p.columns[j].at(i))
		}
	}
	d, err := logistic.NewDense(x, width)
	if err != nil {
		return fmt.Errorf("propensity: %w", err)
	}
	penalty := mat.NewSymDense(width, nil)
	for j := range width {
		penalty.SetSym(j, j, 1/(o.PriorDeviation*o.PriorDeviation))
	}
	fit, err := logistic.New(d, y, logistic.Options{Penalty: penalty, Stop: o.Stop, Tolerance: enough})
	if err != nil {
		return fmt.Errorf("propensity: %w", err)
	}
	row := make([]float64, width+1)
	for i := range p.Probability {
		p.row(i, row)
		p.Probability[i] = logistic.Probability(fit.Predict(row[1:]))
	}
	p.LogOdds, p.Warnings, p.covariance = fit.Coefficients, fit.Warnings, fit.Covariance()
	return nil
}

// fitted reports whether a row was fitted on.
func (p *Propensity) fitted(i int) bool { return len(p.columns) == 0 || i%p.step == 0 }

// row sets to to [1, x_i].
func (p *Propensity) row(i int, to []float64) {
	to[0] = 1
	for j := range p.columns {
		to[j+1] = p.columns[j].at(i)
	}
}
