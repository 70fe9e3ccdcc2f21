package btyd

import (
	"fmt"
	"math"
	"slices"

	"github.com/churnwatch/churnwatch/model/estimate"
)

// Spend is what is known of the values of a customer's orders.
type Spend struct {
	// Orders is how many there are; Mean is their mean value.
	Orders int
	Mean   float64
}

// SpendParameters are those of a Gamma-Gamma; V is in the unit of money.
type SpendParameters struct {
	P float64 `json:"p"`
	Q float64 `json:"q"`
	V float64 `json:"v"`
}

// OrderValue returns the mean value that a customer's orders tend to. With n
// orders of mean m:
//
//	p (v + n m) / (p n + q - 1)
//
// which is the shop's p v / (q-1) for a customer without an order, drawn to
// his own mean as orders add up. (Fader and Hardie 2013, equation 5.)
func (p SpendParameters) OrderValue(s Spend) float64 {
	n := float64(s.Orders)
	return p.P * (p.V + n*s.Mean) / (p.P*n + p.Q - 1)
}

// OrderValueSpread returns the squared coefficient of variation of what
// [SpendParameters.OrderValue] is the mean of, 1 / (p n + q - 2): the mean value
// is p over a gamma variable with shape p n + q. Where that shape is 2 or less
// there is no variance; a tenth then stands for the difference.
func (p SpendParameters) OrderValueSpread(s Spend) float64 {
	return 1 / math.Max(p.P*float64(s.Orders)+p.Q-2, 0.1)
}

// SpendModel is a fitted Gamma-Gamma.
type SpendModel struct {
	SpendParameters
	PEstimate estimate.Estimate `json:"p_estimate"`
	QEstimate estimate.Estimate `json:"q_estimate"`
	VEstimate estimate.Estimate `json:"v_estimate"`
	// Correlation is that of the logs of number and mean value of the orders,
	// which the model takes as 0, over customers with two orders or more.
	Correlation   estimate.Estimate `json:"frequency_value_correlation"`
	LogLikelihood float64           `json:"log_likelihood"`
	Customers     int               `json:"customers"`
	Repeaters     int               `json:"repeaters"`
	Converged     bool              `json:"converged"`
	Warnings      []string          `json:"warnings,omitempty"`
}

// strongCorrelation is the correlation beyond which independence is in doubt.
const strongCorrelation = 0.3

// FitSpend fits a Gamma-Gamma by maximum likelihood to customers with an order
// and a mean value above 0; others are left out.
//
// It climbs over log p, log (q-1) and log v, with money in units of the mean
// order value: q is kept above 1, where the shop's mean exists. Intervals are
// symmetric on that scale.
//
// Errors: [ErrValue] for a value below 0, NaN or infinite, or a negative count;
// [ErrFewRepeaters] for fewer than 10 customers with two orders; [ErrStopped].
func FitSpend(spends []Spend, options Options) (SpendModel, error) {
	var m SpendModel
	kept, err := usable(spends)
	if err != nil {
		return m, fmt.Errorf("fit order values: %w", err)
	}
	total, orders := 0.0, 0.0
	for _, s := range kept {
		if s.Orders > 1 {
			m.Repeaters++
		}
		total, orders = total+float64(s.Orders)*s.Mean, orders+float64(s.Orders)
	}
	m.Customers = len(kept)
	if m.Repeaters < leastRepeaters {
		return m, fmt.Errorf("fit order values: %d of %d customers, need %d: %w", m.Repeaters, m.Customers, leastRepeaters, ErrFewRepeaters)
	}
	unit := total / orders
	l := newSpendLikelihood(kept, unit)
	best, err := maximise(l.objective, [][]float64{{1, 1, 1}, {0, 0, 0}}, options.Stop)
	if err != nil {
		return m, fmt.Errorf("fit order values: %w", err)
	}
	spread, err := covariance(l.objective, best.at, float64(len(kept)))
	if err != nil {
		return m, fmt.Errorf("fit order values: %w", err)
	}
	m.SpendParameters = spendAt(best.at)
	m.V *= unit
	m.Converged = best.converged
	value, _ := l.at(spendAt(best.at))
	m.LogLikelihood = value - float64(len(kept))*math.Log(unit)
	of := func(value float64, i int) estimate.Estimate {
		return estimate.Normal(math.Log(value), math.Sqrt(spread[i][i]), options.confidence(), m.Customers).Exp()
	}
	m.PEstimate, m.QEstimate, m.VEstimate = of(m.P, 0), shifted(of(m.Q-1, 1)), of(m.V, 2)
	m.Correlation = correlation(kept, options.confidence())
	m.warn(best.at)
	return m, nil
}

func shifted(e estimate.Estimate) estimate.Estimate {
	e.Value, e.Low, e.High = e.Value+1, e.Low+1, e.High+1
	return e
}

func usable(spends []Spend) (kept []Spend, err error) {
	for i, s := range spends {
		if s.Orders < 0 || !(s.Mean >= 0) || math.IsInf(s.Mean, 1) {
			return nil, fmt.Errorf("customer %d has %d orders of mean %v: %w", i, s.Orders, s.Mean, ErrValue)
		}
		if s.Orders > 0 && s.Mean > 0 {
			kept = append(kept, s)
		}
	}
	slices.SortFunc(kept, func(a, b Spend) int {
		if a.Orders != b.Orders {
			return a.Orders - b.Orders
		}
		switch {
		case a.Mean < b.Mean:
			return -1
		case a.Mean > b.Mean:
			return 1
		}
		return 0
	})
	return kept, nil
}

func (m *SpendModel) warn(at []float64) {
	add := func(text string) { m.Warnings = append(m.Warnings, text) }
	if m.Repeaters < thinRepeaters {
		add(fmt.Sprintf("only %d customers ordered more than once: the parameters are uncertain", m.Repeaters))
	}
	if !m.Converged {
		add("the fit of order values has not converged")
	}
	if math.Abs(m.Correlation.Value) > strongCorrelation {
		add(fmt.Sprintf("order value goes with frequency (correlation %.2f), which the model takes as independent", m.Correlation.Value))
	}
	for i, name := range []string{"the spread of a customer's order values (p)", "the spread between customers (q)", "the level of order values (v)"} {
		if at[i] < spendWalls[i][0]+0.5 || at[i] > spendWalls[i][1]-0.5 {
			add(name + " is not determined by these data: it stands at the end of its range")
		}
	}
}

// correlation returns Pearson's of log number and log mean over repeaters,
// with Fisher's interval.
func correlation(spends []Spend, confidence float64) estimate.Estimate {
	var n, x, y, xx, yy, xy float64
	for _, s := range spends {
		if s.Orders < 2 {
			continue
		}
		a, b := math.Log(float64(s.Orders)), math.Log(s.Mean)
		n++
		dx, dy := a-x, b-y
		x, y = x+dx/n, y+dy/n
		xx, yy, xy = xx+dx*(a-x), yy+dy*(b-y), xy+dx*(b-y)
	}
	if !(xx > 0) || !(yy > 0) || n < 4 {
		return estimate.Estimate{Low: -1, High: 1, StandardError: 1, Confidence: confidence, N: int(n), Warnings: []string{"number or value of orders do not differ"}}
	}
	r := xy / math.Sqrt(xx*yy)
	bounded := math.Max(-1+1e-12, math.Min(1-1e-12, r))
	e := estimate.Normal(math.Atanh(bounded), 1/math.Sqrt(n-3), confidence, int(n))
	e.Value, e.Low, e.High, e.StandardError = r, math.Tanh(e.Low), math.Tanh(e.High), (1-r*r)/math.Sqrt(n-3)
	return e
}
