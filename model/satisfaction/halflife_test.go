package satisfaction_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/churnwatch/churnwatch/model/satisfaction"
)

// walks draws customers who answer every step days; their levels move by a
// random walk of variance signal for each unit of noise's.
func walks(customers, occasions int, step, signal float64, seed uint64) []satisfaction.Answer {
	random := rand.New(rand.NewPCG(seed, 5))
	var out []satisfaction.Answer
	for c := range customers {
		level := 50 + 6*random.NormFloat64()
		for o := range occasions {
			out = append(out, satisfaction.Answer{
				Customer: c, Kind: satisfaction.NPS, AgeDays: step*float64(occasions-o) + 0.5,
				Points: math.Min(math.Max(level+4*random.NormFloat64(), 0), 100),
			})
			level += 4 * math.Sqrt(signal) * random.NormFloat64()
		}
	}
	return out
}

func halfLifeOf(t interface{ Fatal(args ...any) }, answers []satisfaction.Answer) satisfaction.HalfLife {
	f, err := satisfaction.Fit(answers, satisfaction.Options{})
	if err != nil {
		t.Fatal(err)
	}
	h, err := satisfaction.FitHalfLife(answers, f, 0)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// A level that walks with signal q against noise is foretold best by a mean that
// gives the newest answer the weight g = (sqrt(q^2 + 4q) - q) / 2 (Muth 1960), so
// that older ones fade by 1-g a step: half-life = step log(1/2) / log(1-g). The
// grid has a factor of about 1.4 between two ages.
func TestTheHalfLifeOfARandomWalkIsThatOfMuth(t *testing.T) {
	for _, c := range []struct{ signal, gain float64 }{{0.5, 0.5}, {0.1, (math.Sqrt(0.41) - 0.1) / 2}} {
		for _, step := range []float64{30, 60} {
			want := step * math.Log(0.5) / math.Log(1-c.gain)
			h := halfLifeOf(t, walks(500, 14, step, c.signal, 1))
			if math.Abs(math.Log(h.Days/want)) > math.Log(1.5) || !h.Holds(want) {
				t.Errorf("signal %v every %v days: %+v, want %v", c.signal, step, h, want)
			}
			if !h.Sharp() {
				t.Errorf("signal %v every %v days is not sharp: %+v", c.signal, step, h)
			}
		}
	}
}

// A level that stays is told best by all answers there are.
func TestALevelThatStaysForgetsNothing(t *testing.T) {
	h := halfLifeOf(t, walks(500, 14, 30, 0, 2))
	if h.High != slices.Max(satisfaction.HalfLives()) || !h.OpenHigh || h.OpenLow || h.Days < 480 || h.Holds(60) || !h.Holds(5000) || h.Sharp() {
		t.Errorf("%+v", h)
	}
}

// Levels that do not differ at all leave every half-life as good as another.
func TestAnswersThatAreAllNoiseTellNoHalfLife(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 3))
	blurred, runs := 0, 40
	for range runs {
		var all []satisfaction.Answer
		for i := range 1500 {
			all = append(all, satisfaction.Answer{
				Customer: i / 3, Kind: satisfaction.NPS, AgeDays: float64(30 * (i % 3)), Points: 20 + 60*random.Float64(),
			})
		}
		if h := halfLifeOf(t, all); !h.Sharp() && !h.RejectsFitted {
			blurred++
		}
	}
	if blurred < runs-4 {
		t.Errorf("in %d of %d towns of noise the half-life is not told", blurred, runs)
	}
}

// The half-life that is in force is held against the best by its own likelihood,
// on the grid or beyond it; noise speaks against none.
func TestTheHalfLifeInForceIsRejectedByItsOwnLikelihood(t *testing.T) {
	random := rand.New(rand.NewPCG(4, 4))
	var noise []satisfaction.Answer
	for i := range 900 {
		noise = append(noise, satisfaction.Answer{
			Customer: i / 3, Kind: satisfaction.NPS, AgeDays: float64(30 * (i % 3)), Points: 20 + 60*random.Float64(),
		})
	}
	walk := walks(500, 14, 60, 0.5, 7) // Best at 60 days.
	for _, c := range []struct {
		name    string
		answers []satisfaction.Answer
		days    float64
		rejects bool
	}{
		{"noise, days", noise, 2, false},
		{"noise, the usual", noise, 180, false},
		{"noise, ten years", noise, 3650, false},
		{"a walk, its own", walk, 60, false},
		{"a walk, near its own", walk, 61, false},
		{"a walk, days", walk, 2, true},
		{"a walk, ten years", walk, 3650, true},
	} {
		f, err := satisfaction.Fit(c.answers, satisfaction.Options{HalfLifeDays: c.days})
		if err != nil {
			t.Fatal(err)
		}
		h, err := satisfaction.FitHalfLife(c.answers, f, 0)
		if err != nil {
			t.Fatal(err)
		}
		if h.RejectsFitted != c.rejects || h.Foretells != (len(c.answers) > 900) || !h.Foretells && (h.Sharp() || !h.OpenLow || !h.OpenHigh || !h.Holds(c.days)) {
			t.Errorf("%s: %+v", c.name, h)
		}
	}
}

// Of many shops the interval holds the half-life that is best for them all. A
// grid is coarse, so it may hold it more often than it says.
func TestTheIntervalHoldsTheBestHalfLife(t *testing.T) {
	want := 60 * math.Log(0.5) / math.Log(0.5)
	held := 0
	for seed := range uint64(60) {
		if halfLifeOf(t, walks(150, 8, 60, 0.5, 100+seed)).Holds(want) {
			held++
		}
	}
	if held < 53 {
		t.Errorf("%d of 60 intervals hold %v days", held, want)
	}
}

func TestOrderAndShiftDoNotMoveTheHalfLife(t *testing.T) {
	all := walks(120, 4, 45, 0.3, 4)
	want := halfLifeOf(t, all)
	rapid.Check(t, func(t *rapid.T) {
		moved := slices.Clone(all)
		later := rapid.Float64Range(0, 300).Draw(t, "days later")
		random := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "order"), 1))
		random.Shuffle(len(moved), func(i, j int) { moved[i], moved[j] = moved[j], moved[i] })
		f, err := satisfaction.Fit(all, satisfaction.Options{})
		if err != nil {
			t.Fatal(err)
		}
		for i := range moved {
			moved[i].AgeDays += later
		}
		got, err := satisfaction.FitHalfLife(moved, f, 0)
		if err != nil {
			t.Fatal(err)
		}
		if got.Days != want.Days || got.Low != want.Low || got.High != want.High || math.Abs(got.Gain-want.Gain) > 1e-9 {
			t.Fatalf("want %+v, got %+v", want, got)
		}
	})
}

func TestAHalfLifeNeedsAnswersThatFollowOthers(t *testing.T) {
	f := satisfaction.Fitted{HalfLifeDays: 180}
	few := walks(99, 14, 30, 0.5, 6)
	if _, err := satisfaction.FitHalfLife(few, f, 0); !errors.Is(err, satisfaction.ErrTooFewAnswers) {
		t.Errorf("99 customers: %v", err)
	}
	equal := walks(200, 3, 30, 0.5, 6)
	for i := range equal {
		equal[i].Points = 0
	}
	if _, err := satisfaction.FitHalfLife(equal, f, 0); !errors.Is(err, satisfaction.ErrTooFewAnswers) {
		t.Errorf("equal answers: %v", err)
	}
	if _, err := satisfaction.FitHalfLife(nil, f, 0); !errors.Is(err, satisfaction.ErrNoAnswers) {
		t.Errorf("none: %v", err)
	}
}

func BenchmarkFitHalfLife20kAnswers(b *testing.B) {
	all := walks(2500, 8, 45, 0.3, 1)
	f, err := satisfaction.Fit(all, satisfaction.Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := satisfaction.FitHalfLife(all, f, 0); err != nil {
			b.Fatal(err)
		}
	}
}
