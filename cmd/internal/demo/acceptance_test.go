//go:build acceptance

package demo_test

import (
	"math"
	"testing"
)

// Over seeds, the intervals of a plain least squares on the files cover the
// planted points, and the mean of the estimates shows no bias beyond a third
// of one run's standard error.
func TestPlantedSatisfactionWeightsAreCoveredOverSeeds(t *testing.T) {
	const seeds, customers = 20, 5000
	names := []string{
		"late_delivery", "misfit", "slow_first_reply", "unresolved_ticket", "cancelled_by_shop",
		"refund", "cart_abandon", "payment_failed", "days_late",
	}
	sum, variance, covered := map[string]float64{}, map[string]float64{}, 0
	for seed := range uint64(seeds) {
		s := generate(t, customers, 100+seed)
		beta, se := s.read(t).satisfaction(s.planted).fit(t, false)
		for _, name := range names {
			p, _ := s.planted.PainPoint(name)
			truth := p.SatisfactionPoints
			if name == "days_late" {
				late, _ := s.planted.PainPoint("late_delivery")
				truth = late.SatisfactionPerSeverity
			}
			sum[name] += beta[name] - truth
			variance[name] += se[name] * se[name]
			if math.Abs(beta[name]-truth) <= 1.96*se[name] {
				covered++
			}
		}
	}
	for _, name := range names {
		bias, one := sum[name]/seeds, math.Sqrt(variance[name]/seeds)
		z := bias / (one / math.Sqrt(seeds))
		t.Logf("%-18s bias %6.3f, one run's error %.3f, z %.1f", name, bias, one, z)
		if math.Abs(z) > 4 {
			t.Errorf("%s: biased by %.3f (z %.1f)", name, bias, z)
		}
	}
	share := float64(covered) / float64(seeds*len(names))
	t.Logf("covered %.3f of %d intervals", share, seeds*len(names))
	if share < 0.90 || share > 0.99 {
		t.Errorf("95 %% intervals cover %.3f, want 0.90 to 0.99", share)
	}
}

// Over seeds, causes raise the odds of churn in a plain panel, and what
// causes nothing stays at 0 at the nominal rate.
func TestCausesWithoutEffectStayAtZeroOverSeeds(t *testing.T) {
	const seeds, customers = 20, 5000
	nothing := []string{"refund", "cart_abandon", "payment_failed", "search", "express", "discount"}
	something := []string{"late_delivery", "misfit", "slow_first_reply", "unresolved_ticket", "cancelled_by_shop"}
	sum, variance, covered := map[string]float64{}, map[string]float64{}, 0
	for seed := range uint64(seeds) {
		s := generate(t, customers, 200+seed)
		beta, se := s.read(t).churn(s.planted).fit(t, true)
		for name := range beta {
			sum[name] += beta[name]
			variance[name] += se[name] * se[name]
		}
		for _, name := range nothing {
			if math.Abs(beta[name]) <= 1.96*se[name] {
				covered++
			}
		}
	}
	for _, name := range append(nothing, something...) {
		t.Logf("%-18s mean %6.3f, one run's error %.3f", name, sum[name]/seeds, math.Sqrt(variance[name]/seeds))
	}
	for _, name := range nothing {
		if z := sum[name] / math.Sqrt(variance[name]); math.Abs(z) > 4 {
			t.Errorf("%s: no effect was planted, pooled z %.1f", name, z)
		}
	}
	for _, name := range something {
		if sum[name]/seeds < 2.5*math.Sqrt(variance[name]/seeds) {
			t.Errorf("%s: too weak to be seen in one run: %.3f", name, sum[name]/seeds)
		}
	}
	share := float64(covered) / float64(seeds*len(nothing))
	t.Logf("0 lies in %.3f of %d intervals", share, seeds*len(nothing))
	if share < 0.90 || share > 0.99 {
		t.Errorf("95 %% intervals cover 0 in %.3f, want 0.90 to 0.99", share)
	}
}
