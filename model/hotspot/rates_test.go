package hotspot_test

import (
	"testing"
)

// fewSeeds keep the proofs of the acceptance suite in the usual tests, small.
const fewSeeds = 6

// shops are the made-up shops in which nothing is planted.
func quietShops() map[string]plan {
	return map[string]plan{
		"independent":                {orders: 20_000, rate: 0.08},
		"clustered by supplier week": {orders: 20_000, rate: 0.08, correlation: 0.05},
		"clustered by day":           {orders: 20_000, rate: 0.08, ofDay: 0.01},
		"small and rare":             {orders: 4_000, rate: 0.02, correlation: 0.02},
	}
}

// noisy counts the seeds in which anything stands out.
func noisy(t *testing.T, p plan, seeds int) (count int) {
	t.Helper()
	for seed := range uint64(seeds) {
		if len(passing(t, p.shop(seed))) > 0 {
			count++
		}
	}
	return count
}

// found counts the seeds in which supplier 0 stands out as worse.
func found(t *testing.T, p plan, seeds int) (count int) {
	t.Helper()
	for seed := range uint64(seeds) {
		if passing(t, p.shop(seed))[[2]int{supplier, 0}] {
			count++
		}
	}
	return count
}

func TestAQuietShopHasNoHotspots(t *testing.T) {
	for name, p := range quietShops() {
		t.Run(name, func(t *testing.T) {
			// By chance in one seed of ten at the most: 4 of 6 in one of 1,000.
			if got := noisy(t, p, fewSeeds); got > 3 {
				t.Errorf("something stands out in %d of %d seeds", got, fewSeeds)
			}
		})
	}
}

func TestASupplierTwiceAsLateIsFound(t *testing.T) {
	p := plan{orders: 20_000, rate: 0.05, planted: 2}
	if got := found(t, p, fewSeeds); got < fewSeeds-1 {
		t.Errorf("found in %d of %d seeds", got, fewSeeds)
	}
}
