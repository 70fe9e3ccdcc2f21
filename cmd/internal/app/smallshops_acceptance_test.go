//go:build acceptance

package app_test

import (
	"math"
	"testing"

	"github.com/churnwatch/churnwatch/model/estimate"
)

// With more customers intervals become narrower and rest more on the shop's
// own data; over seeds, what was told of the most and the least probable third
// and of all who got a narrow interval is borne out.
func TestAnswersGrowSurerWithTheShop(t *testing.T) {
	n := seeds(t)
	for seed := range n {
		var former foretold
		for i, customers := range []int{200, 500, 5000} {
			f := foretell(t, seededShop(t, customers, uint64(seed)+1))
			f.log(t, customers)
			f.bearsOut(t, customers)
			if i > 0 && f.width() >= former.width() {
				t.Errorf("seed %d: the median interval is %.3f wide with %d customers, %.3f with fewer", seed+1, f.width(), customers, former.width())
			}
			if i > 0 && *f.trained.DataShare <= *former.trained.DataShare {
				t.Errorf("seed %d: the share of data is %.3f with %d customers, %.3f with fewer", seed+1, *f.trained.DataShare, customers, *former.trained.DataShare)
			}
			former = f
		}
	}
}

// bearsOut holds the realised shares of the outer thirds against their mean
// interval, and that of customers with a narrow one against theirs.
func (f foretold) bearsOut(t *testing.T, customers int) {
	t.Helper()
	top, bottom := f.thirds()
	groups := map[string]group{"top third": top, "bottom third": bottom}
	if sure := f.confident(); len(sure) > 0 {
		groups["narrower than 0.2"] = groupOf(sure)
	}
	for name, g := range groups {
		if z := g.outside(); z > estimate.Quantile(0.99) || math.IsNaN(z) {
			t.Errorf("%d customers, %s: %.3f left, told %.3f to %.3f (%.1f standard errors beyond)", customers, name, g.churned, g.low, g.high, z)
		}
	}
}
