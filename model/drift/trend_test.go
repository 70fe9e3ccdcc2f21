package drift_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"

	"github.com/churnwatch/churnwatch/model/drift"
)

func ExampleDeclineRule_Trend() {
	trade := drift.Trade{OrderMovement: 1, SpendMovement: 1, Level: 5, Prior: 0.2, Dispersion: 1}
	for _, orders := range [][2]int{{12, 2}, {6, 6}, {2, 12}, {1, 2}} {
		fmt.Println(orders, drift.DeclineRule{}.Trend(trade, drift.Windows{Orders: orders, Throughout: true}))
	}
	// Output:
	// [12 2] declining
	// [6 6] steady
	// [2 12] growing
	// [1 2] too_few
}

// Seen backwards in time, a decline by orders is a growth.
func TestAGrowthIsADeclineSeenBackwards(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		trade := drift.Trade{
			OrderMovement: rapid.Float64Range(0.3, 3).Draw(t, "movement"), SpendMovement: 1, Level: rapid.Float64Range(0, 8).Draw(t, "level"),
			Prior: rapid.Float64Range(0.01, 3).Draw(t, "prior"), Dispersion: rapid.Float64Range(1, 4).Draw(t, "dispersion"),
		}
		// In units of the last window: the exposure of the one before is 1/m, and so is the prior's.
		back := trade
		back.OrderMovement, back.Prior, back.Level = 1/trade.OrderMovement, trade.Prior/trade.OrderMovement, trade.Level*trade.OrderMovement
		a, b := rapid.IntRange(0, 30).Draw(t, "before"), rapid.IntRange(0, 30).Draw(t, "last")
		there := drift.DeclineRule{}.Trend(trade, drift.Windows{Orders: [2]int{a, b}, Throughout: true})
		and := drift.DeclineRule{}.Trend(back, drift.Windows{Orders: [2]int{b, a}, Throughout: true})
		want := map[drift.Trend]drift.Trend{drift.Declining: drift.Growing, drift.Growing: drift.Declining, drift.Steady: drift.Steady, drift.TooFew: drift.TooFew}
		edge := math.Abs(0.6*float64(a)*trade.OrderMovement-float64(b)) < 1e-9 || math.Abs(0.6*float64(b)-float64(a)*trade.OrderMovement) < 1e-9
		if and != want[there] && !edge {
			t.Fatalf("%d, %d by %+v is %s, backwards %s", a, b, trade, there, and)
		}
	})
}

func TestANewcomerDoesNotGrowAndSteadyOnesSeldomDo(t *testing.T) {
	trade := drift.Trade{OrderMovement: 0.8, SpendMovement: 0.8, Level: 5, Prior: 0.5, Dispersion: 1.3, ValueSpread: 0.4}
	if got := (drift.DeclineRule{}).Trend(trade, drift.Windows{Orders: [2]int{0, 9}}); got != drift.TooFew {
		t.Errorf("a newcomer is %s", got)
	}
	random, counts := rand.New(rand.NewPCG(5, 5)), map[drift.Trend]int{}
	for range 4000 {
		level := 4 + 8*random.Float64()
		c := drift.Windows{Orders: [2]int{draw(random, level, 1.3), draw(random, 0.8*level, 1.3)}, Throughout: true}
		c.Spend = [2]float64{30 * float64(c.Orders[0]), 30 * float64(c.Orders[1])}
		counts[drift.DeclineRule{}.Trend(trade, c)]++
	}
	if counts[drift.Declining] > 400 || counts[drift.Growing] > 400 {
		t.Errorf("of 4,000 steady customers: %v", counts)
	}
	seen := 0
	for range 1000 {
		c := drift.Windows{Orders: [2]int{draw(random, 4, 1.3), draw(random, 12, 1.3)}, Throughout: true}
		if (drift.DeclineRule{}).Trend(trade, c) == drift.Growing {
			seen++
		}
	}
	if seen < 700 {
		t.Errorf("three times the orders are seen as growth in %d of 1,000", seen)
	}
}
