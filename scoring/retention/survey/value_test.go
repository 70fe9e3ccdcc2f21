package survey_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"

	"github.com/churnwatch/churnwatch/scoring/retention/survey"
)

// The value is what is gained on average by deciding after the answer: the
// better of acting and not, each linear in the log-odds, less the better one
// before.
func TestTheValueOfAnAnswerIsWhatDecidingAfterItGains(t *testing.T) {
	const p, e, stake, border = 0.5, 20.0, 100.0, 0.45
	s := 0.025 * e * e / math.Sqrt(e*e+20*20)
	rng := rand.New(rand.NewPCG(1, 2))
	distance := math.Log(p/(1-p)) - math.Log(border/(1-border))
	const n = 400_000
	var gained, squares float64
	for range n {
		x := distance + s*rng.NormFloat64()
		g := stake * p * (1 - p) * (math.Max(x, 0) - math.Max(distance, 0))
		gained += g
		squares += g * g
	}
	gained /= n
	within := 4 * math.Sqrt(squares/n/n)
	if got := survey.ValueOfAnswer(p, e, stake, []float64{border, 0.9}); math.Abs(got-gained) > within {
		t.Errorf("value %v, gained %v +- %v", got, gained, within)
	}
}

func TestAnAnswerIsWorthMoreNearABorderAndWhereLittleIsKnownAndMuchAtStake(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := rapid.Float64Range(0.02, 0.3).Draw(t, "p")
		e := rapid.Float64Range(2, 25).Draw(t, "e")
		borders := []float64{0.35, 0.65}
		v := survey.ValueOfAnswer(p, e, 100, borders)
		if !(v >= 0) {
			t.Fatalf("value %v", v)
		}
		if nearer := survey.ValueOfAnswer(p+0.04, e, 100, borders); nearer < v {
			t.Fatalf("nearer to the border %v, before %v", nearer, v)
		}
		if wider := survey.ValueOfAnswer(p, e+1, 100, borders); wider < v {
			t.Fatalf("knowing less %v, before %v", wider, v)
		}
		if double := survey.ValueOfAnswer(p, e, 200, borders); math.Abs(double-2*v) > 1e-12*double+1e-300 {
			t.Fatalf("twice at stake %v, before %v", double, v)
		}
	})
	for name, got := range map[string]float64{
		"somebody of whom all is known": survey.ValueOfAnswer(0.35, 0, 100, []float64{0.35}),
		"somebody at whom nothing is":   survey.ValueOfAnswer(0.35, 20, 0, []float64{0.35}),
	} {
		if got != 0 {
			t.Errorf("an answer of %s is worth %v", name, got)
		}
	}
}
