package demo_test

import (
	"fmt"
	"testing"

	"github.com/churnwatch/churnwatch/cmd/internal/demo"
	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/model/estimate"
)

func ExampleCompare() {
	planted := demo.Planted{PainPoints: []demo.PainPoint{{Name: "refund"}, {Name: "slow_first_reply", SatisfactionPoints: -9}}}
	slow, refund := estimate.Normal(-8, 1, 0.95, 900), estimate.Normal(4, 1, 0.95, 900)
	for _, c := range demo.Compare(planted, []model.PainPointWeight{
		{Name: "slow_first_reply", SatisfactionWeight: &slow},
		{Name: "refund", SatisfactionWeight: &refund},
	}, model.DriftReport{}) {
		fmt.Printf("%s planted %g found %g [%.1f, %.1f] %v\n", c.Name, c.Planted, c.Found, c.Low, c.High, c.OK)
	}
	// Output:
	// satisfaction.refund planted 0 found 4 [0.7, 7.3] false
	// satisfaction.slow_first_reply planted -9 found -8 [-11.3, -4.7] true
}

func TestAWrongSignIsNotOKHoweverWideTheInterval(t *testing.T) {
	planted := demo.Planted{PainPoints: []demo.PainPoint{{Name: "misfit", SatisfactionPoints: -1}}}
	found := estimate.Normal(1, 5, 0.95, 900)
	checks := demo.Compare(planted, []model.PainPointWeight{{Name: "misfit", SatisfactionWeight: &found}}, model.DriftReport{})
	if len(checks) != 1 || checks[0].OK {
		t.Errorf("a positive weight passed for a planted loss: %+v", checks)
	}
}

func TestOddsRatiosAreComparedOnTheirLogs(t *testing.T) {
	planted := demo.Planted{}
	planted.Drift.OddsRatioTwo = &demo.Reference{Value: 3}
	found := estimate.Normal(0.9, 0.2, 0.95, 900).Exp()
	checks := demo.Compare(planted, nil, model.DriftReport{OddsTwoDeclines: &found})
	if len(checks) != 1 || !checks[0].OK || checks[0].Low < 1 || checks[0].High < checks[0].Found {
		t.Errorf("odds ratio %v: %+v", found, checks)
	}
}

func TestAnEffectThatWasNotFoundIsNotOK(t *testing.T) {
	planted := demo.Planted{Customers: 5000, PainPoints: []demo.PainPoint{{Name: "late_delivery", SatisfactionPoints: -9}, {Name: "refund"}}}
	checks := demo.Compare(planted, nil, model.DriftReport{})
	if len(checks) != 1 || checks[0].OK || checks[0].Name != "satisfaction.late_delivery" {
		t.Errorf("%+v", checks)
	}
	planted.Customers = 300
	if checks := demo.Compare(planted, nil, model.DriftReport{}); len(checks) != 0 {
		t.Errorf("a shop too small to find it fails: %+v", checks)
	}
}
