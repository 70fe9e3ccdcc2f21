//go:build acceptance

package hotspot_test

import (
	"os"
	"strconv"
	"testing"
)

// seeds is how many shops a proof makes up: ACCEPTANCE_SEEDS, 40 by default.
func seeds(t *testing.T) int {
	t.Helper()
	n, err := strconv.Atoi(os.Getenv("ACCEPTANCE_SEEDS"))
	if err != nil || n < 1 {
		n = 40
	}
	t.Logf("budget: %d seeds (ACCEPTANCE_SEEDS)", n)
	return n
}

// Nothing planted: something stands out in at most 28 of 200 seeds (of fewer,
// in as many as that rate exceeds once in 1,000).
func TestAQuietShopHasHotspotsAsOftenAsSaid(t *testing.T) {
	n := seeds(t)
	for name, p := range quietShops() {
		t.Run(name, func(t *testing.T) {
			got := noisy(t, p, n)
			t.Logf("something stands out in %d of %d seeds", got, n)
			if most := atMost(0.14, n); got > most {
				t.Errorf("something stands out in %d of %d seeds, want at most %d", got, n, most)
			}
		})
	}
}

// One supplier with 5 % of 20,000 orders, its late rate doubled: found in 95 %.
func TestASupplierTwiceAsLateIsFoundAlmostAlways(t *testing.T) {
	n := seeds(t)
	for name, c := range map[string]struct {
		plan  plan
		least float64
	}{
		"from 5 %":                  {plan{orders: 20_000, rate: 0.05, planted: 2}, 0.95},
		"from 8 %":                  {plan{orders: 20_000, rate: 0.08, planted: 2}, 0.95},
		"from 8 %, weeks clustered": {plan{orders: 20_000, rate: 0.08, planted: 2, correlation: 0.01}, 0.95},
	} {
		t.Run(name, func(t *testing.T) {
			got := found(t, c.plan, n)
			t.Logf("found in %d of %d seeds", got, n)
			if n-got > atMost(1-c.least, n) {
				t.Errorf("found in %d of %d seeds, want %.0f %%", got, n, 100*c.least)
			}
		})
	}
}

// atMost is the share of n, and for fewer than 200 seeds what chance adds to it.
func atMost(share float64, n int) int {
	if n >= 200 {
		return int(share*float64(n) + 1e-9)
	}
	mean := share * float64(n)
	return int(mean + 3*(1+mean)/2)
}
