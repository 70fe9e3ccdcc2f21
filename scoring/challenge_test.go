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
		lost, level      bool
	}{
		{0.02, 0.01, 0.03, false, true},
		{0.02, -0.009, 0.05, false, true},
		{0.02, -0.03, 0.07, false, false}, // It may be worse by far.
		{-0.02, -0.03, -0.01, true, false},
		{-0.02, -0.05, 0.01, false, false},     // Chance may explain it.
		{-0.009, -0.0095, -0.008, false, true}, // It is small.
		{-0.011, -0.012, -0.0101, true, false},
		{-0.02, math.NaN(), math.NaN(), false, false},
	} {
		lost, level := scoring.Judged(estimate.Estimate{Value: tt.value, Low: tt.low, High: tt.high})
		if lost != tt.lost || level != tt.level {
			t.Errorf("%+v: lost %v, level %v", tt, lost, level)
		}
	}
}
