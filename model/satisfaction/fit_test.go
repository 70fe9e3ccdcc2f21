package satisfaction_test

import (
	"errors"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/churnwatch/churnwatch/model/satisfaction"
)

func TestAlignFindsThePlantedOffsets(t *testing.T) {
	all, _ := answers(3000, 1)
	a, err := satisfaction.Align(all, satisfaction.AlignOptions{Confidence: 0.999})
	if err != nil {
		t.Fatal(err)
	}
	if a.Reference != satisfaction.NPS {
		t.Errorf("reference %s, want the kind with most answers", a.Reference)
	}
	for k, e := range a.Offsets {
		// Points are cut at 0 and 100, which draws offsets a few tenths to 0.
		if math.Abs(e.Value-plantedOffset(k)) > 3.3*e.StandardError+0.4 || k != satisfaction.NPS && e.StandardError > 1.2 {
			t.Errorf("offset of %s = %+v, planted %v", k, e, plantedOffset(k))
		}
	}
}

func TestKindsThatNobodyGaveTogetherAreNotAligned(t *testing.T) {
	a, err := satisfaction.Align([]satisfaction.Answer{
		{Customer: 1, Kind: satisfaction.NPS, Points: 20},
		{Customer: 1, Moment: 1, Kind: satisfaction.NPS, Points: 30},
		{Customer: 2, Kind: satisfaction.CSAT, Points: 90},
	}, satisfaction.AlignOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if e := a.Offsets[satisfaction.CSAT]; e.Value != 0 || e.StandardError != 10 || len(e.Warnings) == 0 {
		t.Errorf("offset %+v", e)
	}
}

func TestAThinOffsetIsShrunk(t *testing.T) {
	var few []satisfaction.Answer
	for i, gap := range []float64{30, 10, 25} {
		few = append(few,
			satisfaction.Answer{Customer: i, Kind: satisfaction.NPS, Points: 50},
			satisfaction.Answer{Customer: i, Kind: satisfaction.CES, Points: 50 + gap})
	}
	a, err := satisfaction.Align(few, satisfaction.AlignOptions{Reference: satisfaction.NPS, OffsetPrior: 5})
	if err != nil {
		t.Fatal(err)
	}
	e := a.Offsets[satisfaction.CES]
	if !(e.Value > 0 && e.Value < 65.0/3) || e.StandardError >= 5 || e.N != 3 || len(e.Warnings) == 0 {
		t.Errorf("offset %+v of a raw mean of %v", e, 65.0/3)
	}
	// Three differences: mean 65/3, plain standard error of the mean 6.0093; the
	// sandwich's is the same with G/(G-1). Shrunk by 25/(25 + 36.11).
	near(t, "offset", 65.0/3*25/(25+36.1111), e.Value, 1e-3)
}

func TestFitFindsThePlantedScatter(t *testing.T) {
	all, _ := answers(6000, 2)
	f, err := satisfaction.Fit(all, satisfaction.Options{})
	if err != nil {
		t.Fatal(err)
	}
	// Cutting at 0 and 100 takes some percent off the variances.
	near(t, "within", plantedWithin, f.Within, 0.12*plantedWithin)
	near(t, "between", plantedBetween, f.Between, 0.15*plantedBetween)
	near(t, "mean", plantedMean, f.Mean.Value, 1)
	for c := range 3 {
		near(t, "cohort", plantedMean+8*float64(c-1), f.Cohorts[c].Value, 1.2)
	}
}

func TestTheIndexIsCloserToTheTruthThanTheBareMean(t *testing.T) {
	all, levels := answers(4000, 3)
	f, err := satisfaction.Fit(all, satisfaction.Options{AlignOptions: satisfaction.AlignOptions{Confidence: 0.9}})
	if err != nil {
		t.Fatal(err)
	}
	by := map[int][]satisfaction.Answer{}
	for _, a := range all {
		by[a.Customer] = append(by[a.Customer], a)
	}
	var shrunk, bare, covered float64
	for i, level := range levels {
		e := f.Index(i%3, by[i])
		var mean float64
		for _, a := range by[i] {
			mean += (a.Points - plantedOffset(a.Kind)) / float64(len(by[i]))
		}
		shrunk += (e.Value - level) * (e.Value - level) / 4000
		bare += (mean - level) * (mean - level) / 4000
		if e.Contains(level) {
			covered += 1.0 / 4000
		}
	}
	if shrunk > 0.8*bare {
		t.Errorf("mean square error %v, of bare means %v", shrunk, bare)
	}
	// Points are cut at 0 and 100, which costs the extremes some coverage.
	near(t, "coverage of 90 % intervals", 0.9, covered, 0.03)
}

func TestTheOrderOfAnswersChangesNoBit(t *testing.T) {
	all, _ := answers(40, 4)
	want, err := satisfaction.Fit(all, satisfaction.Options{})
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		got, err := satisfaction.Fit(rapid.Permutation(all).Draw(t, "order"), satisfaction.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Fatal(d)
		}
	})
}

func TestMoreAnswersAreSurerAndFreshOnesCountMore(t *testing.T) {
	all, _ := answers(300, 5)
	f, err := satisfaction.Fit(all, satisfaction.Options{})
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		age := rapid.Float64Range(0, 400).Draw(t, "age")
		good := satisfaction.Answer{Kind: satisfaction.NPS, Points: 100, AgeDays: age}
		older := good
		older.AgeDays += 30
		none, one, two := f.Index(0, nil), f.Index(0, []satisfaction.Answer{good}), f.Index(0, []satisfaction.Answer{good, good})
		old := f.Index(0, []satisfaction.Answer{older})
		if !(none.StandardError > one.StandardError && one.StandardError > two.StandardError) {
			t.Fatalf("errors %v, %v, %v", none.StandardError, one.StandardError, two.StandardError)
		}
		if !(one.Value > old.Value && old.Value > none.Value && two.Value > one.Value) {
			t.Fatalf("values %v, %v, %v, %v", none.Value, old.Value, one.Value, two.Value)
		}
	})
}

func TestSampleWithoutScatterStaysFinite(t *testing.T) {
	for name, all := range map[string][]satisfaction.Answer{
		"one answer":         {{Kind: satisfaction.NPS, Points: 70}},
		"all equal":          {{Kind: satisfaction.NPS, Points: 70}, {Customer: 1, Kind: satisfaction.NPS, Points: 70}},
		"equal per customer": {{Kind: satisfaction.NPS, Points: 70}, {Kind: satisfaction.NPS, Points: 70}, {Customer: 1, Kind: satisfaction.NPS, Points: 10}, {Customer: 2, Kind: satisfaction.NPS, Points: 90}},
		"one customer":       {{Kind: satisfaction.NPS, Points: 70}, {Kind: satisfaction.NPS, Points: 20}},
		"very old":           {{Kind: satisfaction.NPS, Points: 70, AgeDays: 1e6}},
	} {
		f, err := satisfaction.Fit(all, satisfaction.Options{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for _, e := range []float64{f.Within, f.Between, f.PriorAnswers, f.Mean.Value, f.Mean.StandardError, f.Index(0, nil).Value, f.Index(9, all).StandardError} {
			if math.IsNaN(e) || math.IsInf(e, 0) {
				t.Errorf("%s: %+v", name, f)
				break
			}
		}
	}
}

func TestAnswersThatCannotBeAreRefused(t *testing.T) {
	for name, c := range map[string]struct {
		answer satisfaction.Answer
		want   error
	}{
		"kind":   {satisfaction.Answer{Kind: "smiley", Points: 5}, satisfaction.ErrKind},
		"points": {satisfaction.Answer{Kind: satisfaction.NPS, Points: 101}, satisfaction.ErrValue},
		"NaN":    {satisfaction.Answer{Kind: satisfaction.NPS, Points: math.NaN()}, satisfaction.ErrValue},
		"age":    {satisfaction.Answer{Kind: satisfaction.NPS, Points: 50, AgeDays: -1}, satisfaction.ErrValue},
	} {
		if _, err := satisfaction.Fit([]satisfaction.Answer{c.answer}, satisfaction.Options{}); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := satisfaction.Fit(nil, satisfaction.Options{}); !errors.Is(err, satisfaction.ErrNoAnswers) {
		t.Errorf("none: %v", err)
	}
}
