package btyd_test

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"github.com/churnwatch/churnwatch/model/btyd"
)

// The spread that an interval was made with is one of the two that come back,
// and each of these makes the same interval.
func TestASpreadComesBackFromItsInterval(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		mean, spread := rapid.Float64Range(0.01, 1e6).Draw(t, "mean"), rapid.Float64Range(0, 30).Draw(t, "spread")
		confidence := rapid.Float64Range(0.5, 0.99).Draw(t, "confidence")
		low, high := btyd.Interval(mean, spread, confidence)
		least, most := btyd.Spreads(mean, low, high, confidence)
		if high == 0 {
			if !math.IsNaN(least) || !math.IsNaN(most) {
				t.Fatalf("an interval of 0 alone has spreads %v and %v", least, most)
			}
			return
		}
		// At the top of its high end an interval hardly tells its spread.
		if math.Min(math.Abs(least-spread), math.Abs(most-spread)) > 1e-3*(1+spread) || least > most {
			t.Fatalf("%v came back as %v or %v", spread, least, most)
		}
		for _, s := range []float64{least, most} {
			l, h := btyd.Interval(mean, s, confidence)
			if math.Abs(l-low)+math.Abs(h-high) > 1e-6*mean {
				t.Fatalf("%v to %v from %v, %v to %v from %v", low, high, spread, l, h, s)
			}
		}
	})
}

func TestWhatIsNoIntervalOfAMeanHasNoSpread(t *testing.T) {
	for _, c := range [][3]float64{{0, 0, 0}, {-1, 0, 2}, {1, 2, 1}, {1, -1, 1}, {math.NaN(), 0, 1}} {
		if least, most := btyd.Spreads(c[0], c[1], c[2], 0.9); !math.IsNaN(least) || !math.IsNaN(most) {
			t.Errorf("%v: %v and %v", c, least, most)
		}
	}
}
