package drift_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/churnwatch/churnwatch/model/drift"
)

// unlike draws occasions at which satisfaction strays twice as far as orders
// do, and a third of the customers has both.
func unlike(n int, seed uint64) []drift.Occasion {
	random := rand.New(rand.NewPCG(seed, 5))
	out := make([]drift.Occasion, n)
	for i := range out {
		out[i].Customer = i
		for k, spread := range []float64{1, 1.4, 2} {
			out[i].Usable[k] = i%3 == k || k == int(drift.BySatisfaction) && i%2 == 0
			if z := spread * random.NormFloat64(); out[i].Usable[k] && z < 0 {
				out[i].Statistic[k] = z
			}
		}
	}
	return out
}

func TestEveryKindOfSignalCriesWolfAsOften(t *testing.T) {
	past := unlike(90_000, 1)
	chosen, err := drift.ChooseByKind(past, 20, 0.95)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "all kinds together", 20, chosen.Achieved.Value, 0.1)
	fresh := unlike(90_000, 2)
	var rates [drift.Kinds]float64
	for k := range drift.Kind(drift.Kinds) {
		var of []drift.Past
		for _, o := range fresh {
			if o.Usable[k] {
				of = append(of, o.ByKind(k))
			}
		}
		rates[k] = drift.FalseAlarms(of, chosen.Rule.Of(k), 0.95).Value
	}
	for k, rate := range rates {
		near(t, "rate of a kind against that of orders", 1, rate/rates[drift.ByOrders], 0.25)
		if rate > 20 || rate < 12 {
			t.Errorf("kind %d: %v false alarms per 1,000", k, rate)
		}
	}
}

func TestAKindOfLittleHistoryIsDrawnToThePooledThreshold(t *testing.T) {
	distance := func(each int) float64 {
		var past []drift.Occasion
		few := 0
		for _, o := range unlike(30_000, 3) {
			if o.Usable[drift.BySatisfaction] {
				if few++; few > each {
					continue
				}
			}
			past = append(past, o)
		}
		chosen, err := drift.ChooseByKind(past, 20, 0.95)
		if err != nil {
			t.Fatal(err)
		}
		return math.Abs(chosen.Rule.Satisfaction/chosen.Rule.Threshold - 1)
	}
	none, little, much := distance(200), distance(1500), distance(15_000)
	if !(none < little && little < much) {
		t.Errorf("the threshold of satisfaction is %v, %v and %v from that of orders with ever more history", none, little, much)
	}
}

func TestTheScaleOfAKindDoesNotMatter(t *testing.T) {
	past := unlike(6000, 4)
	want, err := drift.ChooseByKind(past, 20, 0.95)
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		scale := rapid.Float64Range(0.25, 4).Draw(t, "scale")
		scaled := append([]drift.Occasion{}, past...)
		for i := range scaled {
			for k := range scaled[i].Statistic {
				scaled[i].Statistic[k] *= scale
			}
		}
		got, err := drift.ChooseByKind(scaled, 20, 0.95)
		if err != nil {
			t.Fatal(err)
		}
		for k := range drift.Kind(drift.Kinds) {
			if d := got.Rule.Of(k)/(scale*want.Rule.Of(k)) - 1; math.Abs(d) > 1e-9 {
				t.Fatalf("kind %d: %v at a scale of %v, %v at 1", k, got.Rule.Of(k), scale, want.Rule.Of(k))
			}
		}
	})
}

func TestThinHistoryHasOneThresholdForAllKinds(t *testing.T) {
	chosen, err := drift.ChooseByKind(unlike(100, 1), 20, 0.95)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(drift.Rule{Threshold: drift.NormalThreshold(20)}, chosen.Rule); diff != "" || len(chosen.Warnings) == 0 {
		t.Errorf("warnings %q, rule (-want +got):\n%s", chosen.Warnings, diff)
	}
	wrong := []drift.Occasion{{Statistic: [drift.Kinds]float64{0, 1, 0}}}
	if _, err := drift.ChooseByKind(wrong, 20, 0.95); !errors.Is(err, drift.ErrValue) {
		t.Errorf("a positive statistic: %v", err)
	}
}

func TestWhatWasForetoldUsesNoLabelThatWasOpen(t *testing.T) {
	const lag = 3
	past := make([][]drift.Occasion, 8)
	for i := range past {
		past[i] = unlike(1500, uint64(10+i))
	}
	want, err := drift.Foretell(past, lag, 500, 20)
	if err != nil {
		t.Fatal(err)
	}
	if len(want.All[lag-1]) != 0 || len(want.All[lag]) == 0 {
		t.Fatalf("judged %d before a label was complete, %d after", len(want.All[lag-1]), len(want.All[lag]))
	}
	// What happens from instant 4 on, and who churns, is known at 7 at the earliest.
	for i := 4; i < len(past); i++ {
		for k := range past[i] {
			past[i][k].Churned = k%2 == 0
		}
	}
	got, err := drift.Foretell(past, lag, 500, 20)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 7 {
		for k, p := range got.All[i] {
			if p.Statistic != want.All[i][k].Statistic {
				t.Fatalf("instant %d: what was said of customer %d depends on later labels", i, p.Customer)
			}
		}
	}
}

func TestAnswersThatShareAMoodVaryMoreThanWithin(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 7))
	surveys := make([]drift.Survey, 4000)
	for i := range surveys {
		s := drift.Survey{Within: 100, Prior: 2, WaveCount: [3]int{3, 1 + i%3, 1 + i%2}}
		level := 60 + 10*random.NormFloat64()
		for w := range s.WaveMean {
			s.WaveMean[w] = level + math.Sqrt(1.7*100/float64(s.WaveCount[w]))*random.NormFloat64()
		}
		surveys[i] = s
	}
	got, err := drift.FitAnswerDispersion(surveys)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "dispersion", 1.7, got, 0.12)
	moved := append([]drift.Survey{}, surveys...)
	for i := range moved {
		moved[i].WaveMean[2] += 5 // the shop's
	}
	shifted, err := drift.FitAnswerDispersion(moved)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "dispersion when all move", got, shifted, 1e-9)
	few, err := drift.FitAnswerDispersion(surveys[:20])
	near(t, "of 20 customers", 1, few, 0)
	if err != nil {
		t.Fatal(err)
	}
	d := surveys[0].Dispersed(got)
	near(t, "spread of levels", 50, d.Within/d.Prior, 1e-9)
	surveys[0].WaveMean[1] = math.NaN()
	if _, err := drift.FitAnswerDispersion(surveys); !errors.Is(err, drift.ErrValue) {
		t.Errorf("NaN: %v", err)
	}
}
