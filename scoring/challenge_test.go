package scoring_test

import (
	"math"
	"testing"

	"github.com/churnwatch/churnwatch/model/estimate"
	"github.com/churnwatch/churnwatch/scoring"
)

func TestAChallengerLosesByMoreThanIsToleratedAndMoreThanChance(t *testing.T) {
	for _, tt := range []struct {
		value, low, high float64
		lost             bool
	}{
		{0.02, 0.01, 0.03, false},
		{-0.02, -0.03, -0.01, true},
		{-0.02, -0.05, 0.01, false},    // Chance may explain it.
		{-0.01, -0.011, -0.009, false}, // It is small.
		{-0.011, -0.012, -0.0101, true},
		{-0.02, math.NaN(), math.NaN(), false},
	} {
		if got := scoring.Lost(estimate.Estimate{Value: tt.value, Low: tt.low, High: tt.high}); got != tt.lost {
			t.Errorf("%+v: lost %v", tt, got)
		}
	}
}
