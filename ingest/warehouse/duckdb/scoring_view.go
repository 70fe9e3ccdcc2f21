package duckdb

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/churnwatch/churnwatch/model"
)

// painWindow is how far back incidents count for the pain index.
const painWindow = 90 * model.Day

// longestWait is how far ahead, in days, a next order is foreseen.
const longestWait = 5 * 365

// scoringView is what features/scoring_features is rendered from.
type scoringView struct {
	featureView
	PainPoints []painPointView
	PainSince  time.Time
	// LongestWait is the wait for a next order, in days, beyond which none is
	// told.
	LongestWait int
}

// painPointView is what one incident of a pain point costs.
type painPointView struct {
	Name   string
	Points float64
}

func scoringViewOf(q model.ScoringQuery, columns []model.Feature) (scoringView, error) {
	features, err := viewOf(model.PanelQuery{
		AsOf: q.AsOf, Definition: q.Definition, Features: columns, Parameters: q.Parameters,
	})
	if err != nil {
		return scoringView{}, err
	}
	features.Everyone, features.Restricted = true, q.Customers != nil
	for _, source := range []string{"responses", "satisfaction", "drift", "incidents", "purchases"} {
		features.sources[source] = true
	}
	if features.Cancellation {
		features.sources["contracts"] = true
	}
	v := scoringView{
		featureView: features, PainSince: features.AsOf.Add(-painWindow), LongestWait: longestWait,
	}
	v.Since = earlier(earlier(v.Since, v.Cycles[0].From), v.PainSince)
	for _, d := range withOwn(detectors(), ownOf(q.Features)) {
		points := float64(model.AssumedPainPoints)
		if q.Parameters.PainPoints != nil {
			points = max(q.Parameters.PainPoints[d.Name], 0)
		}
		v.PainPoints = append(v.PainPoints, painPointView{d.Name, points})
	}
	return v, nil
}

// cardView is what features/scoring_terms and features/scoring_store are
// rendered from: a scorecard whose coefficients have become named slots.
type cardView struct {
	Cancellation, Regardless bool
	Holdout                  model.Holdout

	Base, BaseLogOdds                             float64
	Slope, SlopeVariance                          float64
	InterceptVariance, Covariance, SeasonVariance float64
	Remainder                                     float64
	Terms                                         []termView
	// termSlots are the coefficients of base and terms; those of pairs follow.
	termSlots int
	Pairs     []pairView
	Factors   []factorView

	Z, Level, WidestInterval float64
	Medium, High             float64
	// Unfit is the card's.
	Unfit string
}

// termView is one term: its feature and its slots.
type termView struct {
	Name, Feature string
	Levels        bool
	Slots         []slotView
}

// slotView is one coefficient and the rule that says how much of it applies:
// between the knots Before, At and After, for a Level, for any level that is
// not among Levels, or where the feature is missing.
type slotView struct {
	Name, Feature, Kind string
	Before, At, After   float64
	Level               string
	Levels              []string
	Value, Variance     float64
}

// factorView is a row of the factor, numbered from 1, and whether it says
// anything of terms and of pairs.
type factorView struct {
	Number       int
	Terms, Pairs bool
}

// anyOf reports whether any number is not 0.
func anyOf(numbers []float64) bool {
	return slices.ContainsFunc(numbers, func(v float64) bool { return v != 0 })
}

// pairView is one pair: the column of its cell, that of its value, and what
// it holds by cell.
type pairView struct {
	Name, Value   string
	First, Second axisView
	// Columns is the number of cells of Second, Offset that of the cells of
	// the pairs before.
	Columns, Offset   int
	Values, Variances []float64
}

// Uncertain says whether any cell has a variance of its own.
func (p pairView) Uncertain() bool {
	return slices.ContainsFunc(p.Variances, func(v float64) bool { return v > 0 })
}

// axisView is one feature of a pair and the numbers of its cells.
type axisView struct {
	Feature string
	Cuts    []float64
	Named   []string
}

// Rest is the cell from the last cut on, or of a level without a name.
func (a axisView) Rest() int { return max(len(a.Cuts), len(a.Named)) }

// Missing is the cell of no value.
func (a axisView) Missing() int { return a.Rest() + 1 }

func cardViewOf(c model.Scorecard, columns []model.Feature) (cardView, error) {
	v := cardView{
		Base: c.Base, BaseLogOdds: c.Intercept + c.Slope*c.Base, Slope: c.Slope, SlopeVariance: c.SlopeVariance,
		InterceptVariance: c.InterceptVariance, Covariance: c.Covariance, SeasonVariance: c.SeasonVariance,
		Remainder: c.Remainder, Z: c.Z, Level: c.Level, WidestInterval: c.WidestInterval,
		Medium: c.Bands.Medium, High: c.Bands.High, Unfit: c.Unfit,
	}
	for i, t := range c.Terms {
		if err := checkTerm(t); err != nil {
			return v, model.Errorf(model.KindInvalid, "score: term %s: %w", t.Feature, err)
		}
		term := termView{Name: fmt.Sprintf("term_%d", i+1), Feature: columns[i].Name, Levels: t.IsLevels(), Slots: slotsOf(t)}
		for j := range term.Slots {
			term.Slots[j].Name = fmt.Sprintf("slot_%d_%d", i+1, j+1)
			term.Slots[j].Feature = term.Feature
		}
		v.Terms = append(v.Terms, term)
	}
	cells := 0
	for i, p := range c.Pairs {
		if err := checkPair(p); err != nil {
			return v, model.Errorf(model.KindInvalid, "score: pair %s and %s: %w", p.First.Feature, p.Second.Feature, err)
		}
		pair := pairView{
			Name: fmt.Sprintf("pair_%d", i+1), Value: fmt.Sprintf("pair_value_%d", i+1),
			First:   axisView{p.First.Feature, p.First.Cuts, p.First.Levels},
			Second:  axisView{p.Second.Feature, p.Second.Cuts, p.Second.Levels},
			Columns: p.Second.Cells(), Offset: cells,
			Values: slices.Concat(p.Values...), Variances: slices.Concat(p.Variances...),
		}
		cells += len(pair.Values)
		v.Pairs = append(v.Pairs, pair)
	}
	v.termSlots = c.Slots() - cells
	for i, row := range c.Factor {
		if len(row) != c.Slots() && len(row) != v.termSlots {
			return v, model.Errorf(model.KindInvalid, "score: row %d of the factor has %d entries, want %d or %d", i+1, len(row), v.termSlots, c.Slots())
		}
		v.Factors = append(v.Factors, factorView{i + 1, anyOf(row[:v.termSlots]), anyOf(row[v.termSlots:])})
	}
	return v, nil
}

// checkPair refuses a pair that SQL could not follow.
func checkPair(p model.ScorecardPair) error {
	if p.First.Feature == p.Second.Feature {
		return errors.New("has one feature twice")
	}
	for _, a := range []model.ScorecardAxis{p.First, p.Second} {
		if len(a.Cuts) > 0 && len(a.Levels) > 0 {
			return errors.New("has an axis with cuts and levels")
		}
		for i := 1; i < len(a.Cuts); i++ {
			if !(a.Cuts[i] > a.Cuts[i-1]) {
				return errors.New("cuts do not ascend")
			}
		}
	}
	for _, surface := range [][][]float64{p.Values, p.Variances} {
		if len(surface) != p.First.Cells() {
			return fmt.Errorf("has %d rows of cells, want %d", len(surface), p.First.Cells())
		}
		for _, row := range surface {
			if len(row) != p.Second.Cells() {
				return fmt.Errorf("has a row of %d cells, want %d", len(row), p.Second.Cells())
			}
		}
	}
	return nil
}

// checkTerm refuses a term that SQL could not follow.
func checkTerm(t model.ScorecardTerm) error {
	places := len(t.Knots)
	if t.IsLevels() {
		places = len(t.Levels)
	} else if places == 0 {
		return errors.New("has no knots")
	}
	if places != len(t.Values) {
		return fmt.Errorf("has %d values for %d knots or levels", len(t.Values), places)
	}
	for i := 1; i < len(t.Knots); i++ {
		if !(t.Knots[i] > t.Knots[i-1]) {
			return errors.New("knots do not ascend")
		}
	}
	return nil
}

// slotsOf returns the coefficients of a term in the order of the factor's
// columns.
func slotsOf(t model.ScorecardTerm) []slotView {
	var out []slotView
	for i, value := range t.Values {
		if t.IsLevels() {
			out = append(out, slotView{Kind: "level", Level: t.Levels[i], Value: value})
			continue
		}
		s := slotView{Kind: knotKind(i, len(t.Knots)), At: t.Knots[i], Value: value}
		if i > 0 {
			s.Before = t.Knots[i-1]
		}
		if i+1 < len(t.Knots) {
			s.After = t.Knots[i+1]
		}
		out = append(out, s)
	}
	if t.IsLevels() {
		out = append(out, slotView{Kind: "other", Levels: t.Levels, Value: t.Other, Variance: t.OtherVariance})
	}
	return append(out, slotView{Kind: "missing", Value: t.Missing, Variance: t.MissingVariance})
}

func knotKind(i, n int) string {
	switch {
	case n == 1:
		return "only"
	case i == 0:
		return "first"
	case i == n-1:
		return "last"
	}
	return "middle"
}
