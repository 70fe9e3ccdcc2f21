package painpoint_test

import (
	"errors"
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/churnwatch/churnwatch/model/painpoint"
)

func TestThePlantedWeightsAreFound(t *testing.T) {
	f := fit(t, planted(4000, 1), painpoint.Options{Confidence: 0.999})
	late, returned, harmless := f.Weights[0], f.Weights[1], f.Weights[2]
	for name, c := range map[string]struct{ planted, low, high float64 }{
		"flag":    {plantedLate, late.Flag.Low, late.Flag.High},
		"per day": {plantedPerDay, late.Slope.Low, late.Slope.High},
		"late":    {plantedLate + plantedPerDay*late.MeanSeverity, late.Effect.Low, late.Effect.High},
		"plain":   {plantedLate + plantedPerDay*late.MeanSeverity, late.Plain.Low, late.Plain.High},
		"return":  {plantedReturn, returned.Effect.Low, returned.Effect.High},
		"nothing": {0, harmless.Effect.Low, harmless.Effect.High},
		"base":    {plantedBase, f.Intercept.Low, f.Intercept.High},
	} {
		if c.planted < c.low || c.planted > c.high {
			t.Errorf("%s: planted %v outside [%v, %v]", name, c.planted, c.low, c.high)
		}
	}
	if worst, ok := painpoint.Worst(f.Weights); !ok || worst != 0 {
		t.Errorf("worst is %d, %v, want the late delivery of mean severity", worst, ok)
	}
	if f.Customers != 4000 || late.Effect.N != 4000 || late.Customers >= 4000 || late.Incidents != f.Overlap[0][0] {
		t.Errorf("customers %d, N %d, exposed %d, incidents %d", f.Customers, late.Effect.N, late.Customers, late.Incidents)
	}
	if f.Overlap[0][1] == 0 || f.Overlap[0][1] != f.Overlap[1][0] {
		t.Errorf("overlap %v", f.Overlap)
	}
}

func TestIntervalsCoverAsStated(t *testing.T) {
	const tries = 150
	covered := map[string]int{}
	for seed := range uint64(tries) {
		a := planted(250, 100+seed)
		f := fit(t, a, painpoint.Options{Confidence: 0.9})
		for name, hit := range map[string]bool{
			"late":   f.Weights[0].Effect.Contains(plantedLate + plantedPerDay*f.Weights[0].MeanSeverity),
			"return": f.Weights[1].Effect.Contains(plantedReturn),
			"none":   f.Weights[2].Effect.Contains(0),
		} {
			if hit {
				covered[name]++
			}
		}
	}
	for name, hits := range covered {
		// Three standard errors of a share of 0.9 in 150 are 0.073.
		near(t, "coverage of "+name, 0.9, float64(hits)/tries, 0.075)
	}
}

func TestAWeightOfTwoIsARowTwice(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := planted(60, rapid.Uint64().Draw(t, "seed"))
		a.Weight = make([]float64, len(a.Points))
		b := painpoint.Answers{Detectors: []painpoint.Detector{{}, {}, {}}}
		for i := range a.Points {
			a.Weight[i] = float64(1 + (i+len(a.Points))%2)
			for range int(a.Weight[i]) {
				b.Points, b.Customer = append(b.Points, a.Points[i]), append(b.Customer, a.Customer[i])
				for j, d := range a.Detectors {
					b.Detectors[j].Count = append(b.Detectors[j].Count, d.Count[i])
					if d.Severity != nil {
						b.Detectors[j].Severity = append(b.Detectors[j].Severity, d.Severity[i])
					}
				}
			}
		}
		x, err := painpoint.FitSatisfaction(a, painpoint.Options{})
		if err != nil {
			t.Fatal(err)
		}
		y, err := painpoint.FitSatisfaction(b, painpoint.Options{})
		if err != nil {
			t.Fatal(err)
		}
		for j := range x.Weights {
			v, w := x.Weights[j], y.Weights[j]
			d := math.Abs(v.Effect.Value-w.Effect.Value) + math.Abs(v.Effect.StandardError-w.Effect.StandardError) +
				math.Abs(v.Share.Value-w.Share.Value) + math.Abs(v.MeanSeverity-w.MeanSeverity)
			if d > 1e-7 {
				t.Fatalf("weighted %+v, duplicated %+v", v, w)
			}
		}
	})
}

func TestWeightsMoveWithTheScaleAndNotWithTheLevel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := planted(50, rapid.Uint64().Draw(t, "seed"))
		scale := rapid.Float64Range(0.1, 5).Draw(t, "scale")
		shift := rapid.Float64Range(-50, 50).Draw(t, "shift")
		b := a
		b.Points = make([]float64, len(a.Points))
		for i, y := range a.Points {
			b.Points[i] = scale*y + shift
		}
		x, err := painpoint.FitSatisfaction(a, painpoint.Options{})
		if err != nil {
			t.Fatal(err)
		}
		y, err := painpoint.FitSatisfaction(b, painpoint.Options{})
		if err != nil {
			t.Fatal(err)
		}
		for j := range x.Weights {
			v, w := x.Weights[j].Effect, y.Weights[j].Effect
			if math.Abs(scale*v.Value-w.Value) > 1e-6 || math.Abs(scale*v.StandardError-w.StandardError) > 1e-6 {
				t.Fatalf("%+v scaled by %v became %+v", v, scale, w)
			}
		}
	})
}

func TestSharesSplitTheShortfallExactly(t *testing.T) {
	a := planted(500, 3)
	f := fit(t, a, painpoint.Options{Reference: 1000}) // nobody is above it
	var mean float64
	for _, y := range a.Points {
		mean += y / float64(len(a.Points))
	}
	rest := (1000 - f.Intercept.Value) / (1000 - mean)
	sum := rest
	for _, w := range f.Weights {
		sum += w.Share.Value
	}
	near(t, "shares and the rest", 1, sum, 1e-9)
	near(t, "shortfall", 1000-mean, f.Shortfall, 1e-9)
}

func TestWhatCannotBeToldApartIsDroppedByName(t *testing.T) {
	a := planted(300, 4)
	twin := a.Detectors[1]
	twin.Name = "refund"
	fixed := a.Detectors[1]
	fixed.Name, fixed.Severity = "return_again", fixed.Count
	always := painpoint.Detector{Name: "always", Count: make([]float64, len(a.Points))}
	for i := range always.Count {
		always.Count[i] = 1
	}
	never := painpoint.Detector{Name: "never", Count: make([]float64, len(a.Points))}
	alone := fit(t, a, painpoint.Options{})
	a.Detectors = append(a.Detectors, twin, always, never)
	a.Controls = [][]float64{always.Count}
	f := fit(t, a, painpoint.Options{})
	near(t, "the first twin's weight", alone.Weights[1].Effect.Value, f.Weights[1].Effect.Value, 1e-9)
	for _, j := range []int{3, 4, 5} {
		w := f.Weights[j]
		if !w.Dropped || len(w.Warnings) != 1 || !strings.HasPrefix(w.Warnings[0], w.Name+" has no weight") {
			t.Errorf("%s: dropped %v, %q", w.Name, w.Dropped, w.Warnings)
		}
	}
	if len(f.Warnings) != 1 || f.Overlap[1][3] != f.Overlap[1][1] {
		t.Errorf("warnings %q, overlap %v", f.Warnings, f.Overlap)
	}

	a.Detectors, a.Controls = []painpoint.Detector{fixed}, nil
	f = fit(t, a, painpoint.Options{})
	if w := f.Weights[0]; w.Dropped || w.Slope.Value != 0 || len(w.Warnings) != 1 {
		t.Errorf("a severity that is the flag: %+v", w)
	}
}

func TestAnswersWithoutAnyIncidentHaveNoWeights(t *testing.T) {
	a := painpoint.Answers{
		Points: []float64{60, 70, 80}, Customer: []int{0, 1, 2},
		Detectors: []painpoint.Detector{{Name: "late_delivery", Count: []float64{0, 0, 0}}},
	}
	f := fit(t, a, painpoint.Options{})
	near(t, "intercept", 70, f.Intercept.Value, 1e-9)
	if !f.Weights[0].Dropped {
		t.Errorf("%+v", f.Weights[0])
	}
	if _, ok := painpoint.Worst(f.Weights); ok {
		t.Error("there is a worst one")
	}
}

func TestThinPainPointsAreWorstOnlyIfAlone(t *testing.T) {
	weight := func(customers int, value float64) painpoint.Weight {
		w := painpoint.Weight{Customers: customers}
		w.Effect.Value = value
		return w
	}
	if i, ok := painpoint.Worst([]painpoint.Weight{weight(3, -40), weight(300, -5), weight(300, 9)}); !ok || i != 1 {
		t.Errorf("worst %d, %v", i, ok)
	}
	if i, ok := painpoint.Worst([]painpoint.Weight{weight(300, 2), weight(3, -40)}); !ok || i != 1 {
		t.Errorf("worst %d, %v", i, ok)
	}
}

func TestBrokenRowsAreRefused(t *testing.T) {
	ok := func() painpoint.Answers {
		return painpoint.Answers{
			Points: []float64{1, 2, 3, 4}, Customer: []int{0, 1, 2, 3},
			Detectors: []painpoint.Detector{{Name: "x", Count: []float64{0, 1, 0, 1}}},
		}
	}
	for name, c := range map[string]struct {
		spoil func(*painpoint.Answers)
		want  error
	}{
		"no rows":       {func(a *painpoint.Answers) { *a = painpoint.Answers{} }, painpoint.ErrShape},
		"customers":     {func(a *painpoint.Answers) { a.Customer = nil }, painpoint.ErrShape},
		"counts":        {func(a *painpoint.Answers) { a.Detectors[0].Count = []float64{1} }, painpoint.ErrShape},
		"control":       {func(a *painpoint.Answers) { a.Controls = [][]float64{{1}} }, painpoint.ErrShape},
		"NaN answer":    {func(a *painpoint.Answers) { a.Points[0] = math.NaN() }, painpoint.ErrValue},
		"minus one":     {func(a *painpoint.Answers) { a.Detectors[0].Count[0] = -1 }, painpoint.ErrValue},
		"NaN severity":  {func(a *painpoint.Answers) { a.Detectors[0].Severity = []float64{0, math.NaN(), 0, 0} }, painpoint.ErrValue},
		"future":        {func(a *painpoint.Answers) { a.Detectors[0].AgeDays = []float64{0, -1, 0, 0} }, painpoint.ErrValue},
		"weight":        {func(a *painpoint.Answers) { a.Weight = []float64{1, 1, -1, 1} }, painpoint.ErrValue},
		"infinite ctrl": {func(a *painpoint.Answers) { a.Controls = [][]float64{{1, 2, math.Inf(1), 0}} }, painpoint.ErrValue},
	} {
		a := ok()
		c.spoil(&a)
		if _, err := painpoint.FitSatisfaction(a, painpoint.Options{}); !errors.Is(err, c.want) {
			t.Errorf("%s: error %v, want %v", name, err, c.want)
		}
	}
}
