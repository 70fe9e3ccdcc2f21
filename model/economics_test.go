package model_test

import (
	"testing"

	"github.com/churnwatch/churnwatch/model"
)

// An effect that several contacts have together is weighed against the cost of
// all of them, as told or as many times that of one.
func TestAnEffectCostsWhatAllItsContactsDo(t *testing.T) {
	told, nothing := 3.5, 0.0
	for name, c := range map[string]struct {
		effect model.Effect
		want   float64
	}{
		"one contact":            {model.Effect{Value: 0.1, Contacts: 1}, 8},
		"not said":               {model.Effect{Value: 0.1}, 8},
		"two and a half":         {model.Effect{Value: 0.1, Contacts: 2.5}, 20},
		"told":                   {model.Effect{Value: 0.1, Contacts: 2.5, Cost: &told}, 3.5},
		"nothing was sent":       {model.Effect{Value: 0.1, Cost: &nothing}, 8},
		"many who got no letter": {model.Effect{Value: 0.1, Contacts: 0.5}, 4},
	} {
		t.Run(name, func(t *testing.T) {
			e := model.Economics{Effect: c.effect, Costs: map[string]float64{"": 1, "phone": 8}, Margin: 0.5, LeastReturn: 1}
			if got := e.CostOf("phone"); got != c.want {
				t.Errorf("cost %v, want %v", got, c.want)
			}
			value := c.want / (0.5 * 0.1 * 0.5) // Brings its cost exactly.
			if net := e.Net(0.5, value, "phone"); net < -1e-9 || net > 1e-9 {
				t.Errorf("net %v, want 0", net)
			}
			if e.Worth(0.5, 0.999*value, "phone") || !e.Worth(0.5, 1.001*value, "phone") {
				t.Error("it pays from another value on")
			}
		})
	}
}
