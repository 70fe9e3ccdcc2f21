//go:build acceptance

package additive_test

import (
	"testing"

	"github.com/churnwatch/churnwatch/model/additive"
	"github.com/churnwatch/churnwatch/model/logistic"
)

func TestClusteredIntervalsCoverWhereNaiveOnesDoNot(t *testing.T) {
	const repeats, customers, rows = 200, 400, 6
	for name, c := range map[string]struct {
		penalty additive.Penalty
		least   float64
	}{
		"weak":        {additive.Penalty{Curvature: 1, Slope: 1}, 0.87},
		"right":       {additive.Penalty{Curvature: 3, Slope: 10}, 0.87},
		"over-shrunk": {additive.Penalty{Curvature: 30, Slope: 100}, 0.82},
	} {
		t.Run(name, func(t *testing.T) {
			opts := additive.Options{Penalty: c.penalty}
			clustered, wide := coverage(t, repeats, customers, rows, true, opts)
			naive, narrow := coverage(t, repeats, customers, rows, false, opts)
			t.Logf("90 %% intervals of %d customers with %d rows: clustered %.3f (width %.3f), naive %.3f (width %.3f)",
				customers, rows, clustered, wide, naive, narrow)
			if clustered < c.least || clustered > 0.95 {
				t.Errorf("clustered intervals cover %.3f", clustered)
			}
			if naive > clustered-0.05 {
				t.Errorf("naive intervals cover %.3f: the test has lost its point", naive)
			}
		})
	}
}

// Choosing the penalty on the same rows costs a little; preferring the
// stronger one within a standard error costs more.
func TestIntervalsUnderAChosenPenalty(t *testing.T) {
	const repeats = 60
	test := overlapping(200, 1, 1<<40)
	for name, c := range map[string]struct {
		oneError bool
		least    float64
	}{"least loss": {false, 0.85}, "one standard error": {true, 0.79}} {
		t.Run(name, func(t *testing.T) {
			var share, width float64
			for seed := range uint64(repeats) {
				s := overlapping(400, 6, seed)
				chosen := choose(t, s, byCustomer(s, 4), nil, additive.ChooseOptions{OneStandardError: c.oneError, Workers: 2})
				p := s.fit(t, additive.Options{Penalty: chosen.Penalty})
				for i, eta := range test.truth {
					low, high := p.Interval(test.Row(i, nil), 0.90)
					if truth := logistic.Probability(eta); low <= truth && truth <= high {
						share += 1 / float64(repeats*len(test.truth))
					}
					width += (high - low) / float64(repeats*len(test.truth))
				}
			}
			t.Logf("90 %% intervals cover %.3f, width %.3f", share, width)
			if share < c.least || share > 0.95 {
				t.Errorf("90 %% intervals cover %.3f", share)
			}
		})
	}
}
