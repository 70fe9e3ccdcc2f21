package demo_test

import (
	"testing"

	"github.com/churnwatch/churnwatch/cmd/internal/demo"
	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/model/estimate"
)

func TestAHotspotMustStandOutAsWorseWithItsRate(t *testing.T) {
	planted := demo.Planted{Customers: 5000, Hotspots: []demo.Hotspot{{PainPoint: "late_delivery", Dimension: "supplier", Cell: "S07", Rate: 0.26}}}
	found := model.Hotspot{
		PainPoint: "late_delivery", Dimension: "supplier", Cohort: "S07", Direction: model.Worse,
		ShrunkRate: estimate.Normal(0.25, 0.01, 0.95, 900),
	}
	excels, other, far := found, found, found
	excels.Direction, other.Cohort, far.ShrunkRate = model.Excel, "S08", estimate.Normal(0.15, 0.01, 0.95, 900)
	for name, c := range map[string]struct {
		found []model.Hotspot
		want  bool
	}{
		"found": {[]model.Hotspot{found}, true}, "nothing": {nil, false}, "the other side": {[]model.Hotspot{excels}, false},
		"another": {[]model.Hotspot{other}, false}, "another rate": {[]model.Hotspot{far}, false},
	} {
		if checks := demo.CompareHotspots(planted, c.found); len(checks) != 1 || checks[0].OK != c.want {
			t.Errorf("%s: %+v", name, checks)
		}
	}
	planted.Customers = 300
	if checks := demo.CompareHotspots(planted, nil); len(checks) != 0 {
		t.Errorf("a shop too small to show it fails: %+v", checks)
	}
}
