package evaluate_test

import (
	"errors"
	"math"
	"testing"

	"pgregory.net/rapid"

	"github.com/churnwatch/churnwatch/model/evaluate"
)

func TestTheRunMustReachTheChurnMoment(t *testing.T) {
	a := evaluate.Alarms{
		Instant: []float64{0, 30, 60, 90, 120, 150}, Alarm: []bool{true, false, true, true, true, true},
		Churn: 130, Until: 400,
	}
	if day, ok := a.FirstOfRun(); !ok || day != 60 {
		t.Errorf("first of run = %v, %v, want day 60", day, ok)
	}
	a.Alarm[4] = false
	if day, ok := a.FirstOfRun(); ok {
		t.Errorf("a broken run counted, from day %v", day)
	}
}

func TestLeadTimesCountRunsOnce(t *testing.T) {
	got, err := evaluate.LeadTimes([]evaluate.Alarms{
		{Instant: []float64{0, 30, 60}, Alarm: []bool{false, true, true}, Churn: 100, Until: 200},        // lead 70
		{Instant: []float64{0, 30, 60}, Alarm: []bool{true, false, false}, Churn: 100, Until: 200},       // followed within 100 days, but not reached
		{Instant: []float64{0, 30, 60}, Alarm: []bool{true, true, true}, Churn: 110, Until: 200},         // lead 110
		{Instant: []float64{0, 30, 60}, Alarm: []bool{true, false, true}, Churn: math.NaN(), Until: 120}, // first run false, second undecided
		{Instant: []float64{50}, Alarm: []bool{true}, Churn: 10, Until: 200},                             // judged only after leaving
		{Instant: []float64{0, 30}, Alarm: []bool{true, true}, Churn: 150, Until: 200},                   // too early for its horizon? 30 + 100 < 150: false
	}, 100, 0.9)
	if err != nil {
		t.Fatal(err)
	}
	if got.Churned != 4 || got.Flagged != 3 || got.Runs != 5 || got.FalseRuns != 2 {
		t.Errorf("churned %d flagged %d runs %d false %d, want 4, 3, 5, 2", got.Churned, got.Flagged, got.Runs, got.FalseRuns)
	}
	near(t, "median", 110, got.Median.Value, exact)
	near(t, "p25", 90, got.P25, exact)
	near(t, "p75", 130, got.P75, exact)
	near(t, "precision", 0.6, got.Precision.Value, exact)
	near(t, "flagged share", 0.75, got.FlaggedShare.Value, exact)
}

func TestMovingTheCalendarChangesNoLeadTime(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		shift := float64(rapid.IntRange(-1000, 1000).Draw(t, "shift"))
		var a, b []evaluate.Alarms
		for range rapid.IntRange(1, 8).Draw(t, "customers") {
			one := evaluate.Alarms{Churn: math.NaN(), Until: 500}
			if rapid.Bool().Draw(t, "churned") {
				one.Churn = float64(rapid.IntRange(1, 400).Draw(t, "churn"))
			}
			two := evaluate.Alarms{Churn: one.Churn + shift, Until: one.Until + shift}
			for k := range 10 {
				alarm := rapid.Bool().Draw(t, "alarm")
				one.Instant, one.Alarm = append(one.Instant, float64(30*k)), append(one.Alarm, alarm)
				two.Instant, two.Alarm = append(two.Instant, float64(30*k)+shift), append(two.Alarm, alarm)
			}
			a, b = append(a, one), append(b, two)
		}
		x, err := evaluate.LeadTimes(a, 90, 0)
		if err != nil {
			t.Fatal(err)
		}
		y, err := evaluate.LeadTimes(b, 90, 0)
		if err != nil {
			t.Fatal(err)
		}
		if x.Median.Value != y.Median.Value || x.Runs != y.Runs || x.FalseRuns != y.FalseRuns || x.Flagged != y.Flagged {
			t.Fatalf("%+v and %+v", x, y)
		}
		if x.Flagged > x.Churned || x.FalseRuns > x.Runs || x.P25 > x.P75 {
			t.Fatalf("impossible counts %+v", x)
		}
	})
}

func TestInstantsOutOfOrderAreRefused(t *testing.T) {
	_, err := evaluate.LeadTimes([]evaluate.Alarms{{Instant: []float64{30, 0}, Alarm: []bool{true, true}}}, 90, 0)
	if !errors.Is(err, evaluate.ErrValue) {
		t.Errorf("error %v, want %v", err, evaluate.ErrValue)
	}
}

func TestTheIntervalOfAShareIsWilsons(t *testing.T) {
	// Wilson's interval of 2 in 10 is 0.0567 to 0.5098 at 95 %: Agresti and
	// Coull (1998) methods; R 4 prop.test(2, 10, correct = FALSE).
	p := evaluate.Proportion(2, 10, 0.95)
	near(t, "low", 0.05668215, p.Low, 1e-7)
	near(t, "high", 0.50983753, p.High, 1e-7)
	if none := evaluate.Proportion(0, 0, 0); len(none.Warnings) == 0 || none.High != 1 {
		t.Errorf("nothing observed: %+v", none)
	}
}
