package painpoint

import (
	"fmt"
	"math"
	"slices"

	"github.com/churnwatch/churnwatch/model/estimate"
)

// defaultReference is full satisfaction on the 0-100 scale.
const defaultReference = 100

// Answers is one row per answer.
type Answers struct {
	// Points is the answer on 0-100 (or on its own scale, with Reference).
	Points []float64
	// Customer is any code of the customer who answered.
	Customer []int
	// Weight is the sampling weight, at least 0; nil: one each.
	Weight    []float64
	Detectors []Detector
	// Controls are further columns, such as the kind of answer or the season.
	Controls [][]float64
}

// Options say how to fit. The zero value is usable.
type Options struct {
	// Confidence of the intervals; 0 means 0.95.
	Confidence float64
	// Reference is the answer of a satisfied customer, from which the shortfall
	// is counted; 0 means 100.
	Reference float64
	// HalfLives is the grid of half-lives in days, ascending and positive; nil is
	// a grid of 3.5 days to 4 years.
	HalfLives []float64
}

// Weight is what one incident of a pain point costs.
type Weight struct {
	Name string `json:"name"`
	Unit string `json:"unit"`
	// Effect is the headline: the change of satisfaction, in points, by one
	// incident of mean severity. Negative is worse.
	Effect estimate.Estimate `json:"effect"`
	// Flag is the part of the incident itself, at severity 0, and Slope that of
	// each unit of severity; without a severity Flag is Effect and Slope zero.
	Flag  estimate.Estimate `json:"flag"`
	Slope estimate.Estimate `json:"slope"`
	// Plain is the incident's effect fitted without any severity.
	Plain estimate.Estimate `json:"plain"`
	// MeanSeverity is per incident, weighted like the fit.
	MeanSeverity float64 `json:"mean_severity"`
	// HalfLifeDays is how fast the effect fades, nil when the data cannot tell.
	HalfLifeDays *estimate.Estimate `json:"half_life_days"`
	// HalfLifeReason says why there is none.
	HalfLifeReason string `json:"half_life_reason,omitempty"`
	// Incidents behind the answers, the answers exposed, and their customers.
	Incidents int `json:"incidents"`
	Exposed   int `json:"exposed"`
	Customers int `json:"customers"`
	// Share of all dissatisfaction that these incidents explain.
	Share estimate.Estimate `json:"share_of_dissatisfaction"`
	// Dropped says that there is no weight; a warning says why.
	Dropped  bool     `json:"dropped,omitempty"`
	Warnings []string `json:"warnings,omitempty"`
}

// Fit is the weights of all detectors, in the order given.
type Fit struct {
	Weights []Weight `json:"weights"`
	// Intercept is the satisfaction without any incident and at controls of 0.
	Intercept estimate.Estimate `json:"intercept"`
	// Overlap[a][b] counts answers exposed to both detectors, [a][a] to one.
	Overlap [][]int `json:"overlap"`
	// Shortfall is the weighted mean of max(0, Reference - points).
	Shortfall float64 `json:"shortfall"`
	// RSquared is the part of the answers' variance that the fit explains.
	RSquared  float64  `json:"r_squared"`
	Answers   int      `json:"answers"`
	Customers int      `json:"customers"`
	Warnings  []string `json:"warnings,omitempty"`
}

// FitSatisfaction fits answers on exposures by ordinary (weighted) least
// squares, all detectors together, without a prior:
//
//	points = a + sum_j (f_j count_j + g_j severity_j) + controls + noise
//
// With s_j the weighted mean severity of an incident, the headline weight is
// f_j + g_j s_j, its standard error by the delta method from the covariance
// clustered by customer (Liang and Zeger 1986). With w the sampling weights,
//
//	share_j = -sum w (f_j count_j + g_j severity_j) / sum w max(0, Reference - points)
//
// is the part of the total shortfall below Reference that vanishes with these
// incidents: with the default Reference of 100 an exact split of 100 - points
// into the pain points and the rest, below it a ratio only. Exposures are taken
// as given in its error.
//
// A column that is constant or a combination of those before it (counts in the
// order given, then severities, then controls) is dropped, with a warning on
// its weight. A detector without incidents has no weight. Fewer than 30 exposed
// customers give a warning.
//
// The half-life h of a detector with ages is profiled: its columns become count
// and severity times 2^(-age/h), the others stay, and the likelihood ratio of h
// is (RSS(h) - RSS(best)) / (v e), with v the residual variance and e the design
// effect of the detector's coefficient (clustered over plain variance, at least
// 1). Its interval holds the h of the grid where that is below the squared
// normal quantile. It is nil when the interval reaches an end of the grid or a
// lasting effect (h infinite) is not ruled out: then the data cannot tell how
// fast the effect fades, and HalfLifeReason says which it was.
//
// Errors: [ErrShape], [ErrValue], and those of the solver, such as too few rows.
func FitSatisfaction(a Answers, o Options) (Fit, error) {
	if o.Confidence == 0 {
		o.Confidence = defaultConfidence
	}
	if o.Reference == 0 {
		o.Reference = defaultReference
	}
	if err := a.check(o); err != nil {
		return Fit{}, fmt.Errorf("fit pain points: %w", err)
	}
	full, err := solve(columnsOf(a.Detectors, a.Controls, true), a.Points, a.Weight, a.Customer)
	if err != nil {
		return Fit{}, fmt.Errorf("fit pain points: %w", err)
	}
	plain := full
	if slices.ContainsFunc(full.columns, func(c column) bool { return c.part == severities }) {
		if plain, err = solve(columnsOf(a.Detectors, a.Controls, false), a.Points, a.Weight, a.Customer); err != nil {
			return Fit{}, fmt.Errorf("fit pain points without severity: %w", err)
		}
	}
	out := Fit{Overlap: overlap(a.Detectors), Answers: len(a.Points), Customers: full.customers}
	out.Intercept = full.fit.Estimates(full.covariance, o.Confidence, full.customers)[0]
	out.describe(a, o, full)
	shortfall := a.shortfall(o.Reference)
	for j := range a.Detectors {
		w := a.weigh(j, full, plain, shortfall, o)
		if !w.Dropped {
			w.HalfLifeDays, w.HalfLifeReason = a.halfLife(j, full, o)
		}
		out.Weights = append(out.Weights, w)
	}
	return out, nil
}

// check verifies answers and options.
func (a Answers) check(o Options) error {
	if err := checkRows(len(a.Points), a.Customer, a.Weight, a.Detectors, a.Controls); err != nil {
		return err
	}
	for i, y := range a.Points {
		if !finite(y) {
			return fmt.Errorf("answer %d is %v: %w", i, y, ErrValue)
		}
	}
	for i, h := range o.HalfLives {
		if !(h > 0) || math.IsInf(h, 1) || i > 0 && h <= o.HalfLives[i-1] {
			return fmt.Errorf("half-life %d is %v days: %w", i, h, ErrValue)
		}
	}
	return nil
}

// describe fills in what concerns the fit as a whole.
func (f *Fit) describe(a Answers, o Options, s *solved) {
	var weight float64
	for i := range a.Points {
		weight += weightOf(a.Weight, i)
	}
	f.Shortfall = a.shortfall(o.Reference) / weight
	p := len(s.columns)
	if total := s.moments.Second().At(p, p); total > 0 {
		f.RSquared = math.Max(0, 1-s.fit.ResidualSumOfSquares/total)
	}
	for j := range a.Controls {
		if reason, ok := s.dropped[controls][j]; ok {
			f.Warnings = append(f.Warnings, fmt.Sprintf("control %d is dropped: %s", j, reason))
		}
	}
}

// shortfall is the weighted sum of what answers lack.
func (a Answers) shortfall(reference float64) float64 {
	var sum float64
	for i, y := range a.Points {
		sum += weightOf(a.Weight, i) * math.Max(0, reference-y)
	}
	return sum
}

// weigh makes the weight of detector j.
func (a Answers) weigh(j int, full, plain *solved, shortfall float64, o Options) Weight {
	d := a.Detectors[j]
	e := d.expose(a.Customer, a.Weight)
	w := Weight{
		Name: d.Name, Unit: d.Unit, MeanSeverity: e.meanSeverity(),
		Incidents: e.incidents, Exposed: e.rows, Customers: e.customers,
	}
	flag, slope := full.at(counts, j), full.at(severities, j)
	if flag < 0 {
		w.Dropped = true
		w.Warnings = append(w.Warnings, d.Name+" has no weight: "+reason(full.dropped[counts][j]))
		return w
	}
	if because, ok := full.dropped[severities][j]; ok {
		w.Warnings = append(w.Warnings, "severity of "+d.Name+" has no slope: "+because)
	}
	if e.customers < thin {
		w.Warnings = append(w.Warnings, fmt.Sprintf("%d exposed customers, fewer than %d", e.customers, thin))
	}
	w.Effect = full.combine(flag, 1, slope, w.MeanSeverity, o.Confidence)
	w.Flag = full.combine(flag, 1, -1, 0, o.Confidence)
	w.Slope = full.combine(-1, 0, slope, 1, o.Confidence)
	w.Plain = plain.combine(plain.at(counts, j), 1, -1, 0, o.Confidence)
	if shortfall > 0 {
		w.Share = full.combine(flag, -e.count/shortfall, slope, -e.severity/shortfall, o.Confidence)
	}
	return w
}

// reason fills in the reason of a detector that never had a column.
func reason(dropped string) string {
	if dropped == "" {
		return "no incident behind any answer"
	}
	return dropped
}

// Worst returns the index of the pain point with the largest loss by one
// incident of mean severity (the least [Weight].Effect). Those with fewer than
// 30 exposed customers compete only if there is no other. ok is false when none
// lowers satisfaction.
func Worst(weights []Weight) (index int, ok bool) {
	for _, least := range []int{thin, 0} {
		for i, w := range weights {
			if w.Dropped || w.Customers < least || !(w.Effect.Value < 0) {
				continue
			}
			if !ok || w.Effect.Value < weights[index].Effect.Value {
				index, ok = i, true
			}
		}
		if ok {
			return index, true
		}
	}
	return 0, false
}
