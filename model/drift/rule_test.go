package drift_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"

	"github.com/churnwatch/churnwatch/model/drift"
)

func TestSteadyCustomersAreFlaggedAtTheStatedRate(t *testing.T) {
	w := steady(20000)
	history := w.histories(1)
	chosen, err := drift.Choose(past(fit(t, history), history), 20, 0.95)
	if err != nil {
		t.Fatal(err)
	}
	if chosen.Achieved.Value > 20 || chosen.Achieved.Value < 18 {
		t.Errorf("on the history it was chosen on: %+v", chosen.Achieved)
	}
	fresh := w.histories(2)
	rate := drift.FalseAlarms(past(fit(t, fresh), fresh), chosen.Value, 0.999)
	if !rate.Contains(20) {
		t.Errorf("false alarms on fresh customers %+v do not hold the stated 20", rate)
	}
}

func TestHalvingTwiceIsSeenFarMoreOftenThanByTwoTests(t *testing.T) {
	w := steady(20000)
	calm := w.histories(1)
	chosen, err := drift.Choose(past(fit(t, calm), calm), 20, 0.95)
	if err != nil {
		t.Fatal(err)
	}
	w.decline = [2]float64{0.5, 0.25}
	histories := w.histories(3)
	s := fit(t, histories)
	rule := drift.Rule{Threshold: chosen.Value}
	var judged, together, apart float64
	for i := 0; i < len(histories); i += 10 {
		z := s.Orders(histories[i])
		if !z.Usable {
			continue
		}
		judged++
		if rule.State(false, z) == drift.Drifting {
			together++
		}
		// Each cycle significant at the 5 % level by itself.
		if z.First < -1.645 && z.Second < -1.645 {
			apart++
		}
	}
	// About three orders a cycle, overdispersed, at 20 false alarms in 1,000:
	// one in five is seen at once, by two tests one in two hundred.
	if together/judged < 0.15 || together < 15*apart {
		t.Errorf("seen %v of %v, by two tests %v", together, judged, apart)
	}
}

func TestAHigherRateNeverMovesTheThresholdAway(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		statistics := rapid.SliceOfN(rapid.IntRange(-30, 0), 600, 900).Draw(t, "statistics")
		var history []drift.Past
		for i, a := range statistics {
			history = append(history, drift.Past{Customer: i / 3, Statistic: float64(a) / 10, Churned: i%11 == 0})
		}
		last := math.Inf(-1)
		for _, rate := range []float64{10, 20, 50, 100} {
			chosen, err := drift.Choose(history, rate, 0)
			if err != nil {
				t.Fatal(err)
			}
			if len(chosen.Warnings) == 0 && (chosen.Value < last || chosen.Achieved.Value > rate+1e-9) {
				t.Fatalf("rate %v: %+v after %v", rate, chosen, last)
			}
			if len(chosen.Warnings) == 0 {
				last = chosen.Value
			}
		}
	})
}

func TestThinHistoryTakesTheNormalThreshold(t *testing.T) {
	chosen, err := drift.Choose([]drift.Past{{Statistic: -3}, {Statistic: 0}}, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "threshold", drift.NormalThreshold(20), chosen.Value, 0)
	if len(chosen.Warnings) == 0 {
		t.Error("no warning")
	}
	if _, err := drift.Choose([]drift.Past{{Statistic: math.NaN()}}, 20, 0); !errors.Is(err, drift.ErrValue) {
		t.Errorf("NaN: %v", err)
	}
	if _, err := drift.Choose(nil, 1000, 0); !errors.Is(err, drift.ErrValue) {
		t.Errorf("rate of all: %v", err)
	}
}

func TestTheNormalThresholdIsThatOfSimulation(t *testing.T) {
	random := rand.New(rand.NewPCG(4, 4))
	threshold := drift.NormalThreshold(20)
	const draws = 400000
	hits := 0.0
	for range draws {
		a, b := random.NormFloat64(), random.NormFloat64()
		if a < 0 && b < 0 && (a+b)/math.Sqrt2 <= threshold {
			hits++
		}
	}
	// Four standard errors of a share of 0.02 in 400,000 draws.
	near(t, "share", 0.02, hits/draws, 0.0009)
	near(t, "from 250 on", 0, drift.NormalThreshold(250), 1e-6)
}

func TestStatesFollowTheRule(t *testing.T) {
	rule := drift.Rule{Threshold: -2}
	signal := func(first, second, combined float64) drift.Signal {
		return drift.Signal{Usable: true, First: first, Second: second, Combined: combined, Tail: combined}
	}
	calm := signal(0.3, -0.2, 0.1)
	ended := func(s drift.Signal) drift.Signal {
		s.Back = true
		return s
	}
	for name, c := range map[string]struct {
		was     bool
		signals []drift.Signal
		want    drift.State
		count   int
	}{
		"nothing to judge by":       {true, []drift.Signal{{}}, drift.Silent, 0},
		"no signal at all":          {false, nil, drift.Silent, 0},
		"as expected":               {false, []drift.Signal{calm}, drift.Stable, 0},
		"both below and beyond":     {false, []drift.Signal{signal(-1.5, -1.6, -2.2)}, drift.Drifting, 2},
		"both below, not beyond":    {false, []drift.Signal{signal(-1.0, -1.1, -1.5)}, drift.Stable, 0},
		"one deep, one above":       {false, []drift.Signal{signal(-4, 0.2, -2.7)}, drift.Wobbling, 1},
		"only the newer":            {false, []drift.Signal{signal(0.5, -1.4, -0.6)}, drift.Wobbling, 1},
		"back again":                {true, []drift.Signal{signal(-2, 0.1, -1.4)}, drift.Recovering, 1},
		"drifted and still low":     {true, []drift.Signal{signal(-1.2, -1.3, -1.8)}, drift.Wobbling, 1},
		"ordered again since":       {false, []drift.Signal{ended(signal(-1.5, -1.6, -2.2))}, drift.Recovering, 1},
		"again, from one deep":      {false, []drift.Signal{ended(signal(0.3, -1.6, -1.0))}, drift.Wobbling, 1},
		"again, and dissatisfied":   {false, []drift.Signal{ended(signal(0.3, 0.2, 0.3)), signal(-1.5, -1.6, -2.2)}, drift.Drifting, 2},
		"satisfaction falls alone":  {false, []drift.Signal{calm, signal(-1.5, -1.6, -2.2)}, drift.Drifting, 2},
		"one unusable is no matter": {false, []drift.Signal{{}, calm}, drift.Stable, 0},
	} {
		if got := rule.State(c.was, c.signals...); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
		if got := rule.Declines(c.signals...); got != c.count {
			t.Errorf("%s: %d declines, want %d", name, got, c.count)
		}
	}
}

func TestARuleWithoutAThresholdFlagsOnlyWhoIsBelowTwice(t *testing.T) {
	above := drift.Signal{Usable: true, First: 1, Second: 1, Combined: 1.4}
	if got := (drift.Rule{}).State(false, above); got != drift.Stable {
		t.Errorf("state %s", got)
	}
}

func TestTheShopsSatisfactionShiftIsNobodysDecline(t *testing.T) {
	random := rand.New(rand.NewPCG(2, 9))
	customers := make([]drift.Answers, 4000)
	for i := range customers {
		own := 70 + 10*random.NormFloat64()
		a := drift.Answers{StandardError: [3]float64{3, 6, 6}}
		a.Mean = [3]float64{own + 3*random.NormFloat64(), own - 8 + 6*random.NormFloat64(), own - 5 + 6*random.NormFloat64()}
		customers[i] = a
	}
	shift, err := drift.FitShift(customers)
	if err != nil {
		t.Fatal(err)
	}
	// Each mean change has a standard error of sqrt(45/4000) = 0.11 points.
	near(t, "older", -8, shift.Points[0], 0.45)
	near(t, "newer", -5, shift.Points[1], 0.45)
	var sum, squares float64
	for _, a := range customers {
		z := shift.Satisfaction(a).Combined
		sum += z / 4000
		squares += z * z / 4000
	}
	near(t, "mean of combined", 0, sum, 0.06)
	near(t, "variance of combined", 1, squares, 0.1)
	if z := shift.Satisfaction(drift.Answers{StandardError: [3]float64{3, 0, 6}}); z.Usable {
		t.Errorf("judged without answers: %+v", z)
	}
	few, err := drift.FitShift(customers[:5])
	if err != nil || few.Points != [2]float64{} || len(few.Warnings) != 2 {
		t.Errorf("five customers: %+v, %v", few, err)
	}
}
