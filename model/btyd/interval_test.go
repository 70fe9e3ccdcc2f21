package btyd_test

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"github.com/churnwatch/churnwatch/model/btyd"
)

// The spread that an interval was made with comes back from its high end, and a
// larger one makes a wider interval.
func TestASpreadComesBackFromItsInterval(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		mean, confidence := rapid.Float64Range(0.01, 1e6).Draw(t, "mean"), rapid.Float64Range(0.5, 0.99).Draw(t, "confidence")
		most := btyd.MostSpread(confidence)
		spread := rapid.Float64Range(0, 1).Draw(t, "of the most") * most
		low, high := btyd.Interval(mean, spread, confidence)
		// At the top of its high end an interval hardly tells its spread.
		if back := btyd.Spread(mean, high, confidence); !(math.Abs(back-spread) <= 1e-3*(1+spread)) {
			t.Fatalf("%v came back as %v", spread, back)
		}
		wideLow, wideHigh := btyd.Interval(mean, (spread+most)/2, confidence)
		if wideHigh < high*(1-1e-12) || wideLow > low*(1+1e-12) {
			t.Fatalf("from %v to %v at %v, from %v to %v at a larger spread", low, high, spread, wideLow, wideHigh)
		}
	})
}

func TestWhatIsNoIntervalOfAMeanHasNoSpread(t *testing.T) {
	for _, c := range [][2]float64{{0, 0}, {-1, 2}, {1, 0.9}, {1, 6}, {math.NaN(), 1}, {1, math.NaN()}} {
		if spread := btyd.Spread(c[0], c[1], 0.9); !math.IsNaN(spread) {
			t.Errorf("%v: %v", c, spread)
		}
	}
	if low, high := btyd.Interval(1, 6.2, 0.9); !math.IsNaN(low) || !math.IsNaN(high) {
		t.Errorf("beyond the most: from %v to %v", low, high)
	}
}
