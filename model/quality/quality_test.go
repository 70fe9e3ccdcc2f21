package quality_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/churnwatch/churnwatch/model/quality"
)

func poisson(r *rand.Rand, mean float64) float64 {
	n, left := 0.0, math.Exp(-mean)
	for u := r.Float64(); u > left; n++ {
		u *= r.Float64()
	}
	return n
}

// weeks draws overdispersed weekly counts of a shop with a season.
func weeks(r *rand.Rand, n int, mean, sd float64) []float64 {
	out := make([]float64, n)
	for i := range out {
		season := 1 + 0.15*math.Sin(2*math.Pi*float64(i)/52)
		out[i] = poisson(r, mean*season*math.Exp(sd*r.NormFloat64()))
	}
	return out
}

func TestASteadyShopHardlyEverRaisesAVolumeAlarm(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	alarms := 0
	const shops = 500
	for range shops {
		series := weeks(r, 104, 60, 0.15)
		for _, block := range []int{1, 2, 4, 8, 13} {
			m, err := quality.Volume(series, block)
			if err != nil {
				t.Fatal(err)
			}
			if math.Abs(m.Z) > 4.5 && (m.Ratio() < 0.7 || m.Ratio() > 1.5) {
				alarms++
				break
			}
		}
	}
	if alarms > shops/100 {
		t.Errorf("%d of %d steady shops raised an alarm, want 1 in 100 at most", alarms, shops)
	}
}

func TestAVolumeThatStopsIsSeen(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 100 {
		series := weeks(r, 104, 60, 0.15)
		for i := 100; i < 104; i++ {
			series[i] = math.Floor(series[i] * 0.2)
		}
		m, err := quality.Volume(series, 4)
		if err != nil {
			t.Fatal(err)
		}
		if m.Z > -4.5 {
			t.Errorf("four weeks at a fifth of their volume give z = %.1f", m.Z)
		}
	}
}

func TestWhatComesEveryYearIsNoFault(t *testing.T) {
	series := make([]float64, 110)
	for i := range series {
		series[i] = 100 + float64(i%3)
	}
	series[109] = 10 // the shop is closed
	once, err := quality.Volume(series, 1)
	if err != nil {
		t.Fatal(err)
	}
	series[109-52] = 10 // as it was a year ago
	again, err := quality.Volume(series, 1)
	if err != nil {
		t.Fatal(err)
	}
	if once.Z > -4.5 || again.Z < -1 {
		t.Errorf("closed for the first time z = %.1f, as every year %.1f", once.Z, again.Z)
	}
}

func TestFewWeeksAreNoHistory(t *testing.T) {
	_, err := quality.Volume(make([]float64, 12), 1)
	if !errors.Is(err, quality.ErrShort) {
		t.Errorf("want ErrShort, got %v", err)
	}
}

func TestOneHoleDoesNotMakeItselfUsual(t *testing.T) {
	var days []int
	for d := range 200 {
		if d < 100 || d > 140 {
			days = append(days, d)
		}
	}
	r, err := quality.NewRhythm(days)
	if err != nil {
		t.Fatal(err)
	}
	want := quality.Rhythm{Usual: 1, Longest: quality.Gap{From: 99, To: 141}, Days: 159}
	if diff := cmp.Diff(want, r); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if diff := cmp.Diff([]quality.Gap{{From: 99, To: 141}}, quality.Unusual(days, 14)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func sample(r *rapid.T, label string, least int) []float64 {
	return rapid.SliceOfN(rapid.OneOf(rapid.Float64Range(-5, 5), rapid.Just(math.NaN()), rapid.Just(1.0)), least, 80).Draw(r, label)
}

func TestStabilityIsZeroForItselfAndKnowsNoUnit(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		a, b := sample(r, "a", 1), sample(r, "b", 1)
		same, err := quality.Stability(quality.Sample{Numbers: a}, quality.Sample{Numbers: a}, 0)
		if err != nil || same.Value != 0 {
			r.Fatalf("against itself %v, %v", same, err)
		}
		// Doubling and adding 16 are exact on such numbers' order.
		scaled := func(x []float64) []float64 {
			out := make([]float64, len(x))
			for i := range x {
				out[i] = 2 * x[i]
			}
			return out
		}
		plain, _ := quality.Stability(quality.Sample{Numbers: a}, quality.Sample{Numbers: b}, 0)
		other, _ := quality.Stability(quality.Sample{Numbers: scaled(a)}, quality.Sample{Numbers: scaled(b)}, 0)
		if plain.Value < 0 || plain.Value != other.Value {
			r.Fatalf("in one unit %v, in another %v", plain.Value, other.Value)
		}
	})
}

// By hand: two levels at 50:50 and 80:20 of 100 rows each, with half a row
// added to a bin and one to a sample.
func TestStabilityIsTheSumOfItsBins(t *testing.T) {
	levels := func(a int) (out []string) {
		for i := range 100 {
			if i < a {
				out = append(out, "a")
			} else {
				out = append(out, "b")
			}
		}
		return out
	}
	e, err := quality.Stability(quality.Sample{Levels: levels(50)}, quality.Sample{Levels: levels(80)}, 0)
	if err != nil {
		t.Fatal(err)
	}
	p, q := 50.5/101, 80.5/101
	want := (p-q)*math.Log(p/q) + (q-p)*math.Log((1-p)/(1-q))
	if math.Abs(e.Value-want) > 1e-12 {
		t.Errorf("PSI %v, want %v", e.Value, want)
	}
}

func TestSamplesOfOneDistributionStayBelowTheirBound(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	draw := func() quality.Sample {
		out := make([]float64, 500)
		for i := range out {
			out[i] = r.NormFloat64()
		}
		return quality.Sample{Numbers: out}
	}
	const tries = 1000
	above := 0
	for range tries {
		e, err := quality.Stability(draw(), draw(), 0.9)
		if err != nil {
			t.Fatal(err)
		}
		if e.Value > e.High {
			above++
		}
	}
	// 5 % lie above a two-sided bound of 90 %.
	if above < 20 || above > 90 {
		t.Errorf("%d of %d above the bound, want about 50", above, tries)
	}
}

func TestALabelInDisguiseIsKnownWhateverItsShape(t *testing.T) {
	var values []float64
	var churned []bool
	for i := range 400 {
		values = append(values, float64(i%40))
		churned = append(churned, i%40 >= 10 && i%40 < 30) // the middle leaves
	}
	k, err := quality.Separation(quality.Sample{Numbers: values}, churned)
	if err != nil {
		t.Fatal(err)
	}
	if k.AUC != 1 {
		t.Errorf("ROC-AUC %v of a feature that is the label, want 1", k.AUC)
	}
}

func TestNoiseKnowsNothing(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	values, churned := make([]float64, 2000), make([]bool, 2000)
	for i := range values {
		values[i], churned[i] = r.NormFloat64(), r.Float64() < 0.3
	}
	k, err := quality.Separation(quality.Sample{Numbers: values}, churned)
	if err != nil {
		t.Fatal(err)
	}
	if k.AUC > 0.54 {
		t.Errorf("ROC-AUC %v of noise", k.AUC)
	}
}

func TestALevelThatOnlyTheGoneHaveIsNamed(t *testing.T) {
	var levels []string
	var churned []bool
	for i := range 300 {
		switch {
		case i < 60:
			levels, churned = append(levels, "closed"), append(churned, true)
		default:
			levels, churned = append(levels, "web"), append(churned, i%3 == 0)
		}
	}
	k, err := quality.Separation(quality.Sample{Levels: levels}, churned)
	if err != nil {
		t.Fatal(err)
	}
	if k.Bin != "closed" || k.Purest.Value != 1 || math.Abs(k.Covers-60.0/140) > 1e-12 {
		t.Errorf("got %+v", k)
	}
}

func TestSeparationKnowsNoOrderOfRows(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		x := sample(r, "x", 4)
		y := make([]bool, len(x))
		for i := range y {
			y[i] = rapid.Bool().Draw(r, "churned")
		}
		y[0], y[1] = true, false
		want, err := quality.Separation(quality.Sample{Numbers: x}, y)
		if err != nil {
			r.Fatal(err)
		}
		backX, backY := make([]float64, len(x)), make([]bool, len(y))
		for i := range x {
			backX[len(x)-1-i], backY[len(y)-1-i] = x[i], y[i]
		}
		got, err := quality.Separation(quality.Sample{Numbers: backX}, backY)
		if err != nil {
			r.Fatal(err)
		}
		if math.Abs(want.AUC-got.AUC) > 1e-12 {
			r.Fatalf("%v, backwards %v", want, got)
		}
	})
}
