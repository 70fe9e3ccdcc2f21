//go:build acceptance

package app_test

import (
	"slices"
	"testing"

	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/scoring"
)

// The estimator's own proof is in model/hotspot; here a few seeds go through
// files, import, SQL and the re-scan.
func TestHotspotsOfFilesAreFoundAsOftenAsSaid(t *testing.T) {
	n := seeds(t)
	for name, shop := range map[string]lateShop{
		"nothing planted": {orders: 20_000, rate: 0.08}, "clustered": {orders: 20_000, rate: 0.08, correlation: 0.05},
		"planted": {orders: 20_000, rate: 0.05, factor: 2},
	} {
		t.Run(name, func(t *testing.T) {
			some, found := 0, 0
			for seed := range uint64(n) {
				report := hotspots(t, shop.open(t, 100+seed), scoring.HotspotRequest{})
				some += min(len(report.Hotspots), 1)
				if slices.ContainsFunc(report.Hotspots, func(h model.Hotspot) bool {
					return h.Dimension == "supplier" && h.Cohort == "S00" && h.Direction == model.Worse
				}) {
					found++
				}
			}
			t.Logf("%d seeds: something stands out in %d, the supplier in %d", n, some, found)
			switch {
			case shop.factor != 0 && found < n-1-n/20:
				t.Errorf("found in %d of %d seeds", found, n)
			case shop.factor == 0 && some > 1+n*14/100+n/10:
				t.Errorf("something stands out in %d of %d seeds", some, n)
			}
		})
	}
}
