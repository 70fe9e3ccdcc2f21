package additive

import (
	"fmt"
	"math"

	"github.com/churnwatch/churnwatch/model/estimate"
	"github.com/churnwatch/churnwatch/model/logistic"
)

// Predictor is a fitted churn risk: plain data, of which JSON keeps every bit.
//
// The package comment has the exact formulas, for engines that score it.
type Predictor struct {
	// Base is the mean log-odds of the training rows, before calibration.
	Base float64 `json:"base"`
	// Terms are the shape functions, in the order of a [Row].
	Terms []Term `json:"terms"`
	// Pairs are what two features say together, none where that does not pay.
	Pairs []Pair `json:"pairs,omitempty"`
	// Calibration is applied to the sum; see [NoCalibration].
	Calibration Calibration `json:"calibration"`
	Uncertainty Uncertainty `json:"uncertainty"`
	Information Information `json:"information"`
	// SeasonVariance is added to the variance of the calibrated log-odds, by
	// whoever knows how far the base rate moves over the seasons.
	SeasonVariance float64  `json:"season_variance"`
	Training       Training `json:"training"`
}

// Training says what a predictor was fitted on.
type Training struct {
	Rows     int `json:"rows"`
	Clusters int `json:"clusters"`
	// Positives is the weight of the rows with label 1.
	Positives           float64 `json:"positives"`
	Penalty             Penalty `json:"penalty"`
	EffectiveParameters float64 `json:"effective_parameters"`
	// DataShare is the mean of [Predictor.DataShare] over the training rows,
	// weighted by the variance of each.
	DataShare  float64 `json:"data_share"`
	Deviance   float64 `json:"deviance"`
	Iterations int     `json:"iterations"`
	// ShrinkageBias says how the intervals treat the bias that the penalty
	// puts into the estimates.
	ShrinkageBias ShrinkageBias `json:"shrinkage_bias,omitempty"`
	Warnings      []string      `json:"warnings,omitempty"`
}

// ShrinkageBias is a treatment of the shrinkage bias in intervals.
type ShrinkageBias string

// SquareAdded is what [Fit] does: the bias is estimated from the fit itself
// and its square counts as variance, beside the penalty's part. Intervals are
// wider by it, not moved. A predictor without a treatment says nothing of it.
const SquareAdded ShrinkageBias = "estimated_square_added"

// Value is one feature of one customer. The term's Kind says which field is
// read: Number (NaN is missing, infinities lie beyond the outer knots) or
// Level ("" is missing).
type Value struct {
	Number float64
	Level  string
}

// Row is one customer: a value for each of Terms, in their order.
type Row []Value

// BaseLogOdds returns the calibrated base, Intercept + Slope*Base.
func (p *Predictor) BaseLogOdds() float64 {
	return p.Calibration.Intercept + p.Calibration.Slope*p.Base
}

// raw returns the log-odds before calibration.
func (p *Predictor) raw(x Row) float64 {
	sum := p.Base
	for j := range p.Terms {
		sum += p.Terms[j].Contribution(x[j])
	}
	for k := range p.Pairs {
		sum += p.Pairs[k].Contribution(p.valuesOf(&p.Pairs[k], x))
	}
	return sum
}

// LogOdds returns the calibrated log-odds at x, which must have a value for
// every term: BaseLogOdds plus the sum of Contributions.
func (p *Predictor) LogOdds(x Row) float64 {
	return p.Calibration.Intercept + p.Calibration.Slope*p.raw(x)
}

// Contributions returns what each term, then each pair, adds to the calibrated
// log-odds at x, Slope times its value. dst is used when it has room.
func (p *Predictor) Contributions(x Row, dst []float64) []float64 {
	dst = dst[:0]
	for j := range p.Terms {
		dst = append(dst, p.Calibration.Slope*p.Terms[j].Contribution(x[j]))
	}
	for k := range p.Pairs {
		dst = append(dst, p.Calibration.Slope*p.Pairs[k].Contribution(p.valuesOf(&p.Pairs[k], x)))
	}
	return dst
}

// ContributionNames returns the names of what [Predictor.Contributions]
// returns: of each term, then of each pair.
func (p *Predictor) ContributionNames() []string {
	names := make([]string, 0, len(p.Terms)+len(p.Pairs))
	for j := range p.Terms {
		names = append(names, p.Terms[j].Name)
	}
	for k := range p.Pairs {
		names = append(names, p.Pairs[k].Name())
	}
	return names
}

// Probability returns the calibrated probability at x.
func (p *Predictor) Probability(x Row) float64 { return logistic.Probability(p.LogOdds(x)) }

// Variance returns the variance of the calibrated log-odds at x:
//
//	Slope^2 v + InterceptVariance + 2 raw Covariance + raw^2 SlopeVariance + SeasonVariance
//
// with v that of [Uncertainty] plus the variance of unseen slots and cells, and
// raw the log-odds before calibration.
func (p *Predictor) Variance(x Row) float64 {
	v := p.Uncertainty.Remainder
	slots, shares := make([]int, len(p.Terms)), make([]float64, len(p.Terms))
	first := 1
	for j := range p.Terms {
		slot, share := p.Terms[j].At(x[j])
		v += p.Terms[j].unseenVariance(slot)
		slots[j], shares[j] = first+slot, share
		first += p.Terms[j].Slots()
	}
	terms, cells := first, make([]int, len(p.Pairs))
	for k := range p.Pairs {
		cell := p.Pairs[k].cell(p.valuesOf(&p.Pairs[k], x))
		v += p.Pairs[k].cellVariance(cell)
		cells[k] = first + cell
		first += p.Pairs[k].cells()
	}
	for _, row := range p.Uncertainty.Factor {
		dot := row[0]
		for j, at := range slots {
			dot += (1 - shares[j]) * row[at]
			if shares[j] > 0 {
				dot += shares[j] * row[at+1]
			}
		}
		if len(row) > terms {
			for _, at := range cells {
				dot += row[at]
			}
		}
		v += dot * dot
	}
	c, raw := p.Calibration, p.raw(x)
	return c.Slope*c.Slope*v + c.InterceptVariance + 2*raw*c.Covariance + raw*raw*c.SlopeVariance + p.SeasonVariance
}

// StandardError returns that of the calibrated log-odds at x.
func (p *Predictor) StandardError(x Row) float64 {
	return math.Sqrt(math.Max(0, p.Variance(x)))
}

// Interval returns the interval of the probability at x with the given
// nominal coverage in (0, 1): that of P(churn | x), not of the outcome.
func (p *Predictor) Interval(x Row, level float64) (low, high float64) {
	eta, reach := p.LogOdds(x), estimate.Quantile(level)*p.StandardError(x)
	return logistic.Probability(eta - reach), logistic.Probability(eta + reach)
}

// Coefficients returns q, the length of the coefficient vector.
func (p *Predictor) Coefficients() int {
	q := p.termCoefficients()
	for k := range p.Pairs {
		q += p.Pairs[k].cells()
	}
	return q
}

// termCoefficients is the length of the coefficient vector's part before the
// pairs.
func (p *Predictor) termCoefficients() int {
	q := 1
	for j := range p.Terms {
		q += p.Terms[j].Slots()
	}
	return q
}

// Validate says whether p, such as read from JSON, is whole: [ErrPredictor].
func (p *Predictor) Validate() error {
	if !finite(p.Base, p.SeasonVariance, p.Uncertainty.Remainder) || p.SeasonVariance < 0 || p.Uncertainty.Remainder < 0 {
		return fmt.Errorf("base %v, season variance %v, remainder %v: %w", p.Base, p.SeasonVariance, p.Uncertainty.Remainder, ErrPredictor)
	}
	c := p.Calibration
	if !finite(c.Slope, c.Intercept, c.SlopeVariance, c.InterceptVariance, c.Covariance) || !(c.Slope > 0) {
		return fmt.Errorf("calibration slope %v, intercept %v: %w", c.Slope, c.Intercept, ErrPredictor)
	}
	names := make(map[string]bool, len(p.Terms))
	for j := range p.Terms {
		t := &p.Terms[j]
		if err := t.validate(); err != nil {
			return fmt.Errorf("term %q: %w", t.Name, err)
		}
		if names[t.Name] {
			return fmt.Errorf("term %q twice: %w", t.Name, ErrPredictor)
		}
		names[t.Name] = true
	}
	for k := range p.Pairs {
		pair := &p.Pairs[k]
		if err := p.validatePair(pair); err != nil {
			return fmt.Errorf("pair %q: %w", pair.Name(), err)
		}
		if names[pair.Name()] {
			return fmt.Errorf("pair %q twice: %w", pair.Name(), ErrPredictor)
		}
		names[pair.Name()] = true
	}
	for r, row := range p.Uncertainty.Factor {
		if (len(row) != p.Coefficients() && len(row) != p.termCoefficients()) || !finite(row...) {
			return fmt.Errorf("factor row %d of %d numbers, want %d: %w", r, len(row), p.Coefficients(), ErrPredictor)
		}
	}
	return nil
}

func (t *Term) validate() error {
	switch t.Kind {
	case Numeric:
		if len(t.Knots) == 0 || len(t.Knots) != len(t.Values) || !finite(t.Knots...) {
			return fmt.Errorf("%d knots, %d values: %w", len(t.Knots), len(t.Values), ErrPredictor)
		}
		for k := range len(t.Knots) - 1 {
			if t.Knots[k] >= t.Knots[k+1] {
				return fmt.Errorf("knots %v and %v do not increase: %w", t.Knots[k], t.Knots[k+1], ErrPredictor)
			}
		}
	case Category:
		if len(t.Levels) != len(t.Values) {
			return fmt.Errorf("%d levels, %d values: %w", len(t.Levels), len(t.Values), ErrPredictor)
		}
		for k, level := range t.Levels {
			if level == "" || (k > 0 && level <= t.Levels[k-1]) {
				return fmt.Errorf("level %q is empty or out of order: %w", level, ErrPredictor)
			}
		}
	default:
		return fmt.Errorf("kind %q: %w", t.Kind, ErrPredictor)
	}
	if !finite(t.Values...) || !finite(t.Other, t.Missing, t.OtherVariance, t.MissingVariance, t.Spread) {
		return fmt.Errorf("a value is not finite: %w", ErrPredictor)
	}
	return nil
}

func finite(values ...float64) bool {
	for _, v := range values {
		if v-v != 0 {
			return false
		}
	}
	return true
}
