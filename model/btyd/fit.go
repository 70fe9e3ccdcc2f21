package btyd

import (
	"fmt"
	"math"

	"github.com/churnwatch/churnwatch/model/estimate"
)

// Options of a fit.
type Options struct {
	// Confidence of intervals; 0 is 0.95.
	Confidence float64
	// Stop, where set, is asked now and then whether to give up.
	Stop func() bool
}

func (o Options) confidence() float64 {
	if o.Confidence == 0 {
		return defaultConfidence
	}
	return o.Confidence
}

// Model is a fitted BG/NBD.
type Model struct {
	Parameters
	// Dropout says whether customers were found to become inactive at all.
	Dropout bool `json:"dropout"`
	// The parameters with their errors. Intervals are symmetric on the scale
	// of the fit (logs, and for a and b the logs of a+b and of a/b). Without
	// dropout AEstimate and BEstimate are nil.
	REstimate     estimate.Estimate  `json:"r_estimate"`
	AlphaEstimate estimate.Estimate  `json:"alpha_estimate"`
	AEstimate     *estimate.Estimate `json:"a_estimate"`
	BEstimate     *estimate.Estimate `json:"b_estimate"`
	// LogLikelihood at the maximum, and that of the best NBD without dropout.
	LogLikelihood float64  `json:"log_likelihood"`
	WithoutDrop   float64  `json:"log_likelihood_without_dropout"`
	Customers     int      `json:"customers"`
	Repeaters     int      `json:"repeaters"`
	Converged     bool     `json:"converged"`
	Iterations    int      `json:"iterations"`
	Warnings      []string `json:"warnings,omitempty"`

	// point and spread are the parameters on the scale of the fit and their
	// covariance; unit is the time that Alpha is in there.
	point  []float64
	spread [][]float64
	unit   float64
}

// dropoutGain is how much two more parameters must raise the log-likelihood to
// be kept (Akaike's criterion). A dropout that does not is "none found".
const dropoutGain = 2

// Fit fits a BG/NBD by maximum likelihood.
//
// It climbs over log r, log alpha, log-odds of a/(a+b) and log(a+b), with time
// in units of the mean age, by BFGS and Newton's steps from two starts, within
// walls that no usable fit comes near. Standard errors come from the observed
// information. Where dropout raises the log-likelihood by less than 2, the
// result is the NBD (A = 0) and Dropout is false.
//
// Errors: [ErrValue] for a history that can't be, [ErrFewRepeaters] for fewer
// than 10 customers with a repeat, [ErrStopped]; fewer than 100 give a warning.
func Fit(histories []History, options Options) (Model, error) {
	if err := checkHistories(histories); err != nil {
		return Model{}, fmt.Errorf("fit orders: %w", err)
	}
	groups := Group(histories)
	var m Model
	age := 0.0
	for _, h := range groups {
		m.Customers += h.Customers
		age += h.Age * float64(h.Customers)
		if h.Repeats > 0 {
			m.Repeaters += h.Customers
		}
	}
	if m.Repeaters < leastRepeaters {
		return m, fmt.Errorf("fit orders: %d of %d customers, need %d: %w", m.Repeaters, m.Customers, leastRepeaters, ErrFewRepeaters)
	}
	m.unit = age / float64(m.Customers)
	if err := m.climb(newLikelihood(groups, m.unit), options); err != nil {
		return m, fmt.Errorf("fit orders: %w", err)
	}
	m.warn()
	return m, nil
}

func (m *Model) climb(l *likelihood, options Options) error {
	plain, err := maximise(l.objective(false), [][]float64{{math.Log(0.5), math.Log(0.5)}}, options.Stop)
	if err != nil {
		return err
	}
	full, err := maximise(l.objective(true), [][]float64{
		{plain.at[0], plain.at[1], -1, 1}, {plain.at[0], plain.at[1], -4, 0},
	}, options.Stop)
	if err != nil {
		return err
	}
	without := l.at(parametersAt(plain.at), nil)
	with := l.at(parametersAt(full.at), nil)
	best := plain
	if m.Dropout = with-without > dropoutGain; m.Dropout {
		best = full
	}
	m.point, m.Converged, m.Iterations = best.at, best.converged, plain.iterations+full.iterations
	if m.spread, err = covariance(l.objective(m.Dropout), best.at, l.total); err != nil {
		return err
	}
	// Likelihoods are those of densities: a change of unit is a factor for
	// each repeat order.
	repeats := 0.0
	for i, x := range l.repeats {
		repeats += float64(x) * l.customers[i]
	}
	shift := -repeats * math.Log(m.unit)
	m.WithoutDrop, m.LogLikelihood = without+shift, without+shift
	if m.Dropout {
		m.LogLikelihood = with + shift
	}
	m.Parameters = parametersAt(m.point)
	m.Alpha *= m.unit
	m.estimate(options.confidence())
	return nil
}

// parametersAt returns those at a point of the fit's scale: log r, log alpha
// and, with dropout, the log-odds of a/(a+b) and log(a+b).
func parametersAt(x []float64) Parameters {
	p := Parameters{R: math.Exp(x[0]), Alpha: math.Exp(x[1])}
	if len(x) == 4 {
		share, size := 1/(1+math.Exp(-x[2])), math.Exp(x[3])
		p.A, p.B = share*size, (1-share)*size
	}
	return p
}

// The walls of the fit's scale; time is in mean ages.
var walls = [4][2]float64{
	{math.Log(1e-3), math.Log(1e3)}, {math.Log(1e-4), math.Log(1e5)}, {-12, 12}, {math.Log(1e-2), math.Log(1e4)},
}

// objective is the mean log-likelihood, less what a point beyond a wall costs.
func (l *likelihood) objective(dropout bool) objective {
	return func(x, slope []float64) float64 {
		p := parametersAt(x)
		var s slopes
		value := l.at(p, &s)
		value /= l.total
		by := []float64{s.r * p.R, s.alpha * p.Alpha, 0, 0}
		if dropout {
			inner := p.A * p.B / (p.A + p.B)
			by[2], by[3] = (s.a-s.b)*inner, s.a*p.A+s.b*p.B
		}
		for i := range x {
			beyond := wall(x[i], walls[i][0], walls[i][1])
			value -= beyond * beyond / 2
			if slope != nil {
				slope[i] = by[i]/l.total - beyond
			}
		}
		return value
	}
}

func (m *Model) estimate(confidence float64) {
	of := func(value float64, by ...float64) estimate.Estimate {
		variance := 0.0
		for i, bi := range by {
			for j, bj := range by {
				variance += bi * bj * m.spread[i][j]
			}
		}
		return estimate.Normal(math.Log(value), math.Sqrt(variance), confidence, m.Customers).Exp()
	}
	m.REstimate, m.AlphaEstimate = of(m.R, 1), of(m.Alpha, 0, 1)
	if m.Dropout {
		share := m.A / (m.A + m.B)
		a, b := of(m.A, 0, 0, 1-share, 1), of(m.B, 0, 0, -share, 1)
		m.AEstimate, m.BEstimate = &a, &b
	}
}

func (m *Model) warn() {
	add := func(text string) { m.Warnings = append(m.Warnings, text) }
	if m.Repeaters < thinRepeaters {
		add(fmt.Sprintf("only %d customers ordered more than once: the parameters are uncertain", m.Repeaters))
	}
	if !m.Dropout {
		add("no dropout found: orders stop no more often than rates that differ explain")
	}
	if !m.Converged {
		add("the fit has not converged")
	}
	for i, name := range []string{"the spread of rates (r)", "the rate (alpha)", "the share of dropout (a / (a+b))", "the spread of dropout (a+b)"}[:len(m.point)] {
		if m.point[i] < walls[i][0]+0.5 || m.point[i] > walls[i][1]-0.5 {
			add(name + " is not determined by these data: it stands at the end of its range")
		}
	}
}

// NoOrderEstimate returns [Parameters.NoOrder] with an interval for the error
// of the parameters, symmetric on log-odds (delta method). It is about the
// probability, not about what the customer will do.
//
// Confidence 0 is 0.95. It needs a Model that Fit returned.
func (m *Model) NoOrderEstimate(h History, horizon, confidence float64) estimate.Estimate {
	confidence = Options{Confidence: confidence}.confidence()
	logOdds := func(x []float64) float64 {
		p := parametersAt(x)
		p.Alpha *= m.unit
		return p.NoOrderLogOdds(h, horizon)
	}
	const step = 1e-4
	slope := make([]float64, len(m.point))
	for i := range slope {
		x := append([]float64(nil), m.point...)
		x[i] += step
		up := logOdds(x)
		x[i] -= 2 * step
		slope[i] = (up - logOdds(x)) / (2 * step)
	}
	variance := 0.0
	for i := range slope {
		for j := range slope {
			variance += slope[i] * slope[j] * m.spread[i][j]
		}
	}
	e := estimate.Normal(logOdds(m.point), math.Sqrt(variance), confidence, m.Customers)
	p := logistic(e.Value)
	e.Value, e.Low, e.High, e.StandardError = p, logistic(e.Low), logistic(e.High), e.StandardError*p*(1-p)
	return e
}

func logistic(x float64) float64 { return 1 / (1 + math.Exp(-x)) }
