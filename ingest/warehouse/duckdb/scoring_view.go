package duckdb

import (
	"errors"
	"fmt"
	"time"

	"github.com/churnwatch/churnwatch/model"
)

// painWindow is how far back incidents count for the pain index.
const painWindow = 90 * model.Day

// scoringView is what features/scoring_features is rendered from.
type scoringView struct {
	featureView
	PainPoints    []painPointView
	PainSince     time.Time
	HorizonMicros int64
	HorizonDays   float64
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
	features.Everyone = true
	for _, source := range []string{"responses", "satisfaction", "drift", "incidents"} {
		features.sources[source] = true
	}
	if features.Cancellation {
		features.sources["contracts"] = true
	}
	v := scoringView{
		featureView: features, PainSince: features.AsOf.Add(-painWindow),
		HorizonMicros: q.Definition.Horizon.Microseconds(), HorizonDays: model.Days(q.Definition.Horizon),
	}
	v.Since = earlier(earlier(v.Since, v.Cycles[0].From), v.PainSince)
	for _, d := range detectors() {
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
	Cancellation bool

	Base, BaseLogOdds                             float64
	Slope, SlopeVariance                          float64
	InterceptVariance, Covariance, SeasonVariance float64
	Remainder                                     float64
	Terms                                         []termView
	// Factors are the numbers of the factor's rows, from 1.
	Factors []int

	Z, Level, WidestInterval float64
	Medium, High             float64
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

func cardViewOf(c model.Scorecard, columns []model.Feature) (cardView, error) {
	v := cardView{
		Base: c.Base, BaseLogOdds: c.Intercept + c.Slope*c.Base, Slope: c.Slope, SlopeVariance: c.SlopeVariance,
		InterceptVariance: c.InterceptVariance, Covariance: c.Covariance, SeasonVariance: c.SeasonVariance,
		Remainder: c.Remainder, Z: c.Z, Level: c.Level, WidestInterval: c.WidestInterval,
		Medium: c.Bands.Medium, High: c.Bands.High,
	}
	for i, row := range c.Factor {
		if len(row) != c.Slots() {
			return v, model.Errorf(model.KindInvalid, "score: row %d of the factor has %d entries, want %d", i+1, len(row), c.Slots())
		}
		v.Factors = append(v.Factors, i+1)
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
	return v, nil
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
