package painpoint_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/churnwatch/churnwatch/model/painpoint"
)

// fading draws answers after one detector whose effect of -25 points halves
// every halfLife days, beside a lasting one.
func fading(rows int, halfLife float64, seed uint64) painpoint.Answers {
	random := rand.New(rand.NewPCG(seed, 6))
	slow := painpoint.Detector{Name: "slow_reply"}
	other := painpoint.Detector{Name: "return"}
	var a painpoint.Answers
	for i := range rows {
		flag, age := indicator(random.Float64() < 0.4), 400*random.Float64()
		back := indicator(random.Float64() < 0.2+0.2*flag)
		y := 75 - 25*flag*math.Exp2(-age/halfLife) - 10*back + 12*random.NormFloat64()
		a.Points, a.Customer = append(a.Points, y), append(a.Customer, i/2)
		slow.Count, slow.AgeDays = append(slow.Count, flag), append(slow.AgeDays, age)
		other.Count = append(other.Count, back)
	}
	a.Detectors = []painpoint.Detector{slow, other}
	return a
}

func TestTheHalfLifeOfAnEffectIsFound(t *testing.T) {
	for seed := range uint64(5) {
		h := fit(t, fading(4000, 60, seed), painpoint.Options{Confidence: 0.999}).Weights[0].HalfLifeDays
		if h == nil {
			t.Errorf("seed %d: no half-life", seed)
			continue
		}
		if !h.Contains(60) || !h.Contains(h.Value) || h.Low < 25 || h.High > 160 {
			t.Errorf("seed %d: %+v, planted 60", seed, *h)
		}
	}
}

func TestALastingEffectHasNoHalfLife(t *testing.T) {
	for seed := range uint64(5) {
		f := fit(t, fading(3000, math.Inf(1), seed), painpoint.Options{Confidence: 0.999})
		if h := f.Weights[0].HalfLifeDays; h != nil {
			t.Errorf("seed %d: %+v", seed, *h)
		}
		if why := f.Weights[0].HalfLifeReason; why != "an effect that lasts fits the answers as well" {
			t.Errorf("seed %d: no half-life since %q", seed, why)
		}
		if f.Weights[1].HalfLifeDays != nil {
			t.Error("a half-life without ages")
		}
	}
}

func TestFewAnswersCannotTellAHalfLife(t *testing.T) {
	if h := fit(t, fading(60, 60, 1), painpoint.Options{}).Weights[0].HalfLifeDays; h != nil {
		t.Errorf("%+v", *h)
	}
}

func TestTheProfileIsThatOfRefitting(t *testing.T) {
	// Refit with the decayed column on a grid: the best of the profile must be
	// where the refitted R squared is greatest.
	a := fading(2000, 60, 9)
	grid := []float64{10, 20, 40, 60, 90, 135, 300, 900}
	best, most := 0, 0.0
	for k, h := range grid {
		b := a
		b.Detectors = []painpoint.Detector{{Name: "slow_reply", Count: make([]float64, len(a.Points))}, a.Detectors[1]}
		for i, c := range a.Detectors[0].Count {
			b.Detectors[0].Count[i] = c * math.Exp2(-a.Detectors[0].AgeDays[i]/h)
		}
		if r := fit(t, b, painpoint.Options{}).RSquared; r > most {
			best, most = k, r
		}
	}
	h := fit(t, a, painpoint.Options{HalfLives: grid}).Weights[0].HalfLifeDays
	if h == nil || h.Value < grid[best-1] || h.Value > grid[best+1] {
		t.Errorf("half-life %+v, refitting says %v", h, grid[best])
	}
}
