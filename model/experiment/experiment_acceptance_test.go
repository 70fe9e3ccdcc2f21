//go:build acceptance

package experiment_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

func TestAtMostOneInTwentyExperimentsWithoutEffectIsEverCalledProven(t *testing.T) {
	for _, g := range grid {
		t.Run(fmt.Sprintf("%g %% control, rate %g, least effect %g", 100*g.control, g.rate, g.least), func(t *testing.T) {
			got := falsePositives(t, g.control, g.rate, g.least, 2000, rand.New(rand.NewPCG(1, 1)))
			t.Logf("%.2f %% at any of %d looks", 100*got, looks)
			if got > 0.05 {
				t.Errorf("%.4f of 2,000 are called proven, want at most 0.05", got)
			}
		})
	}
}

func TestAtMostOneInTwentyIsEverCalledProvenByRevenue(t *testing.T) {
	for _, share := range []float64{0.1, 0.5} {
		got := falseRevenue(t, share, 12_000, 2000, rand.New(rand.NewPCG(2, 2)))
		t.Logf("%g %% control: %.2f %%", 100*share, 100*got)
		if got > 0.05 {
			t.Errorf("%g %% control: %.4f of 2,000 are called proven, want at most 0.05", 100*share, got)
		}
	}
}

func TestTheAnnouncedNumberProvesTheLeastEffectInFourOfFive(t *testing.T) {
	for _, g := range grid {
		if g.rate+g.least >= 1 {
			g.rate -= g.least
		}
		t.Run(fmt.Sprintf("%g %% control, rate %g, least effect %g", 100*g.control, g.rate, g.least), func(t *testing.T) {
			got, announced := power(t, g.control, g.rate, g.least, 1000, rand.New(rand.NewPCG(3, 3)))
			t.Logf("announced %.0f, proven in %.1f %%", announced, 100*got)
			if got < 0.7 || got > 0.9 {
				t.Errorf("%.3f of 1,000 are proven by %.0f customers, want 0.7 to 0.9", got, announced)
			}
		})
	}
}

func TestVariantsAndSegmentsShareOneError(t *testing.T) {
	for _, f := range []struct{ variants, segments int }{{2, 1}, {4, 1}, {3, 4}} {
		got := falseFamily(t, f.variants, f.segments, 2000, rand.New(rand.NewPCG(4, 4)))
		t.Logf("%d variants, %d segments: %.2f %%", f.variants, f.segments, 100*got)
		if got > 0.05 {
			t.Errorf("%d variants, %d segments: %.4f say something false", f.variants, f.segments, got)
		}
	}
}

// Its probability of a false alarm is 0.01; 2,000 runs tell it within 0.005.
func TestRightSharesAreHardlyEverCalledBroken(t *testing.T) {
	for _, shares := range [][]float64{{0.1, 0.9}, {0.5, 0.5}, {0.2, 0.3, 0.5}} {
		got := falseRatios(t, shares, shares, 30_000, 2000, rand.New(rand.NewPCG(5, 5)))
		t.Logf("%v: %.2f %%", shares, 100*got)
		if got > 0.015 {
			t.Errorf("%v: %.4f are called broken, want at most 0.01", shares, got)
		}
	}
	if found := falseRatios(t, []float64{0.1, 0.9}, []float64{0.12, 0.88}, 30_000, 500, rand.New(rand.NewPCG(6, 6))); found < 0.99 {
		t.Errorf("12 %% in place of 10 are found in %.3f", found)
	}
}
