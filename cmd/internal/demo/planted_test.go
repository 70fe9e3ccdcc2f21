package demo_test

import (
	"encoding/json"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/churnwatch/churnwatch/cmd/internal/demo"
)

func TestPlantedTruthAddsUp(t *testing.T) {
	planted := generate(t, 10, 1).planted
	names := make([]string, 0, len(planted.PainPoints))
	for _, p := range planted.PainPoints {
		names = append(names, p.Name)
		if math.Abs(p.PointsAt(p.MeanSeverity)-p.SatisfactionPoints) > 1e-12 {
			t.Errorf("%s: flag and severity do not make %v", p.Name, p.SatisfactionPoints)
		}
		if (p.ChurnDirection == 0) != (p.HazardLogRatio == 0) || (p.ChurnDirection == 0) != (p.SatisfactionPoints == 0) {
			t.Errorf("%s: direction %d beside hazard %v", p.Name, p.ChurnDirection, p.HazardLogRatio)
		}
		found, ok := planted.PainPoint(p.Name)
		if diff := cmp.Diff(p, found); !ok || diff != "" {
			t.Error(p.Name, ok, diff)
		}
	}
	if !slices.IsSorted(names) {
		t.Errorf("not by name: %v", names)
	}
	if _, ok := planted.PainPoint("bad_weather"); ok {
		t.Error("knows a detector that was never planted")
	}
}

func TestPlantedSurvivesJSON(t *testing.T) {
	planted := generate(t, 50, 1).planted
	raw, err := json.Marshal(planted)
	if err != nil {
		t.Fatal(err)
	}
	var back demo.Planted
	if err := json.Unmarshal(raw, &back); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(planted, back); diff != "" {
		t.Error(diff)
	}
}

func TestShippedReferencesAreThoseOfThisGenerator(t *testing.T) {
	r, err := demo.LoadReferences()
	if err != nil {
		t.Fatal(err)
	}
	planted := generate(t, 10, 1).planted
	if !r.Apply(&planted) {
		t.Errorf("planted.json is of version %d, %d days to %s; the generator is %d, %d days to %s",
			r.Version, r.Days, r.End, planted.Version, planted.Days, planted.End)
	}
	if r.Customers > 0 && len(r.Values) == 0 {
		t.Error("computed on a shop, yet without values")
	}
	for key, v := range r.Values {
		if math.IsNaN(v.Value) || !(v.StandardError > 0) {
			t.Errorf("%s: %+v", key, v)
		}
		if !applied(planted, v) {
			t.Errorf("%s is no key that the truth has a place for", key)
		}
	}
}

// applied reports whether some place of the truth holds v.
func applied(p demo.Planted, v demo.Reference) bool {
	places := []*demo.Reference{p.Drift.OddsRatioOneDecline, p.Drift.OddsRatioTwo}
	for _, q := range p.PainPoints {
		places = append(places, q.SatisfactionReference, q.ChurnLogOdds)
	}
	for _, q := range p.NoEffect {
		places = append(places, q.ChurnLogOdds)
	}
	return slices.ContainsFunc(places, func(r *demo.Reference) bool { return r != nil && *r == v })
}

func TestReferencesApplyToTheirOwnOptionsOnly(t *testing.T) {
	planted := generate(t, 10, 1).planted
	refs := demo.References{
		Version: demo.Version, Days: planted.Days, End: planted.End, HorizonDays: 90, CycleDays: 30,
		Values: map[string]demo.Reference{
			"painpoints.late_delivery.churn_log_odds": {Value: 0.4, StandardError: 0.01},
			"no_effect.search.churn_log_odds":         {Value: 0, StandardError: 0.01},
			"drift.odds_ratio_two_declines":           {Value: 3, StandardError: 0.1},
		},
	}
	if !refs.Apply(&planted) {
		t.Fatal("does not apply")
	}
	late, _ := planted.PainPoint("late_delivery")
	if late.ChurnLogOdds == nil || late.ChurnLogOdds.Value != 0.4 || late.SatisfactionReference != nil {
		t.Errorf("got %+v", late)
	}
	if planted.Drift.OddsRatioTwo == nil || planted.Drift.OddsRatioOneDecline != nil {
		t.Errorf("got %+v", planted.Drift)
	}
	for name, spoil := range map[string]func(*demo.Planted){
		"version": func(p *demo.Planted) { p.Version++ },
		"days":    func(p *demo.Planted) { p.Days++ },
		"end":     func(p *demo.Planted) { p.End = p.End.AddDate(0, 0, 1) },
		"horizon": func(p *demo.Planted) { p.HorizonDays = 30 },
		"cycle":   func(p *demo.Planted) { p.Drift.CycleDays = 7 },
	} {
		other := generate(t, 10, 1).planted
		spoil(&other)
		before := other
		if refs.Apply(&other) || cmp.Diff(before, other) != "" {
			t.Errorf("applies to another %s", name)
		}
	}
}

func TestDefaultsKeepWhatWasAsked(t *testing.T) {
	end := time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)
	got := demo.Options{Customers: 3, Seed: 9, Dir: "d", End: end, Days: 200}.Defaults()
	if diff := cmp.Diff(demo.Options{Customers: 3, Seed: 9, Dir: "d", End: end, Days: 200}, got); diff != "" {
		t.Error(diff)
	}
	want := demo.Options{Customers: demo.DefaultCustomers, End: demo.DefaultEnd(), Days: demo.DefaultDays}
	if diff := cmp.Diff(want, demo.Options{}.Defaults(), cmpopts.EquateEmpty()); diff != "" {
		t.Error(diff)
	}
}
