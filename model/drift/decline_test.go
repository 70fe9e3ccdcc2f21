package drift_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"
	"pgregory.net/rapid"

	"github.com/churnwatch/churnwatch/model/drift"
)

func TestTheProbabilityOfADeclineIsTheBetas(t *testing.T) {
	// scipy 1.10.1: x = 0.8*(m+k); beta.cdf(x/(x+1+k), (o2+k*mu)/phi, (o1+k*mu)/phi)
	for _, c := range []struct {
		orders               [2]int
		mu, k, phi, movement float64
		want                 float64
	}{
		{[2]int{8, 2}, 2, 0.5, 1.2, 1, 0.913393}, {[2]int{4, 1}, 1.5, 1, 1, 1.3, 0.846796}, {[2]int{10, 6}, 3, 0.2, 1.5, 0.8, 0.562747},
	} {
		trade := drift.Trade{OrderMovement: c.movement, SpendMovement: 1, Level: c.mu, Prior: c.k, Dispersion: c.phi}
		d := drift.DeclineRule{}.Judge(trade, drift.Windows{Orders: c.orders})
		near(t, "probability", c.want, d.OrderProbability, 1e-6)
	}
}

// shopOf draws customers over two windows: gamma levels of shape 2, negative
// binomial counts and lognormal values; the last window moves all alike.
func shopOf(customers int, phi, movement float64, seed uint64) []drift.Windows {
	random := rand.New(rand.NewPCG(seed, 11))
	out := make([]drift.Windows, customers)
	for i := range out {
		level := distuv.Gamma{Alpha: 2, Beta: 0.4, Src: random}.Rand()
		value := 20 + 40*random.Float64()
		for w, m := range []float64{1, movement} {
			out[i].Orders[w] = draw(random, level*m, phi)
			for range out[i].Orders[w] {
				out[i].Spend[w] += value * math.Exp(0.6*random.NormFloat64())
			}
		}
		out[i].Throughout = true
	}
	return out
}

// A steady customer's orders fall by 40 % by chance as often as not where they
// are few; the guarded rule rarely believes it.
func TestTheBareRuleFiresOnSteadyCustomersAndTheGuardedOneHardly(t *testing.T) {
	customers := shopOf(20000, 1.3, 0.8, 1)
	shop := drift.Shop{Level: 2.5, Prior: 1.04, Dispersion: 1.3} // per 30 days; k = phi mu / tau2 = 1.3 * 2.5 / 3.125
	trade, err := drift.FitTrade(shop, 30, 60, customers)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "movement", 0.8, trade.OrderMovement, 0.02)
	near(t, "spread of values", math.Exp(0.36)-1, trade.ValueSpread, 0.06)
	bare, guarded, judged := 0.0, 0.0, 0.0
	for _, c := range customers {
		d := drift.DeclineRule{}.Judge(trade, c)
		if !d.Judged {
			continue
		}
		judged++
		if d.Bare {
			bare++
		}
		if d.Flagged {
			guarded++
		}
	}
	if bare/judged < 0.27 || guarded/judged > 0.10 || guarded == 0 {
		t.Errorf("steady customers: bare %.3f, guarded %.3f", bare/judged, guarded/judged)
	}
}

func TestTheGuardedRuleSeesARealDecline(t *testing.T) {
	trade := drift.Trade{OrderMovement: 1, SpendMovement: 1, Level: 5, Prior: 0.26, Dispersion: 1.3, ValueSpread: 0.43}
	random := rand.New(rand.NewPCG(4, 11))
	seen := 0
	for range 2000 {
		c := drift.Windows{Orders: [2]int{draw(random, 12, 1.3), draw(random, 3, 1.3)}}
		c.Spend = [2]float64{float64(c.Orders[0]) * 30, float64(c.Orders[1]) * 30}
		if (drift.DeclineRule{}).Judge(trade, c).Flagged {
			seen++
		}
	}
	if seen < 1600 {
		t.Errorf("three quarters fewer orders of 12 are seen in %d of 2000", seen)
	}
}

func TestTheDeclineRuleKnowsNoCurrencyAndFollowsTheShop(t *testing.T) {
	customers := shopOf(400, 1.3, 1, 2)
	shop := drift.Shop{Level: 2.5, Prior: 0.5, Dispersion: 1.3}
	trade, err := drift.FitTrade(shop, 30, 60, customers)
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		rate := rapid.Float64Range(0.01, 100).Draw(t, "rate")
		other := make([]drift.Windows, len(customers))
		for i, c := range customers {
			other[i] = c
			other[i].Spend = [2]float64{c.Spend[0] * rate, c.Spend[1] * rate}
		}
		there, err := drift.FitTrade(shop, 30, 60, other)
		if err != nil {
			t.Fatal(err)
		}
		i := rapid.IntRange(0, len(customers)-1).Draw(t, "customer")
		a, b := drift.DeclineRule{}.Judge(trade, customers[i]), drift.DeclineRule{}.Judge(there, other[i])
		if a.Bare != b.Bare || a.Flagged != b.Flagged || math.Abs(a.SpendProbability-b.SpendProbability) > 1e-9 {
			t.Fatalf("%+v in another currency is %+v", a, b)
		}
		// The same fall is no decline where the whole shop fell as much.
		fallen := drift.Trade{OrderMovement: 0.5, SpendMovement: 0.5, Level: 5, Prior: 0.2, Dispersion: 1.3, ValueSpread: 0.4}
		n := rapid.IntRange(2, 20).Draw(t, "orders")
		d := drift.DeclineRule{}.Judge(fallen, drift.Windows{Orders: [2]int{2 * n, n}, Spend: [2]float64{60 * float64(n), 30 * float64(n)}})
		if d.Flagged || !d.Bare || math.Abs(d.OrderChange) > 1e-9 {
			t.Fatalf("fell with the shop: %+v", d)
		}
	})
	if _, err := drift.FitTrade(shop, 30, 60, []drift.Windows{{Spend: [2]float64{math.NaN(), 1}}}); !errors.Is(err, drift.ErrValue) {
		t.Errorf("NaN: %v", err)
	}
	if d := (drift.DeclineRule{}).Judge(trade, drift.Windows{Orders: [2]int{0, 3}}); d.Judged {
		t.Errorf("nothing before: %+v", d)
	}
}

func BenchmarkTheDeclineRuleOn20000Customers(b *testing.B) {
	customers := shopOf(20000, 1.3, 1, 2)
	b.ReportAllocs()
	for b.Loop() {
		trade, err := drift.FitTrade(drift.Shop{Level: 2.5, Prior: 0.5, Dispersion: 1.3}, 30, 60, customers)
		if err != nil {
			b.Fatal(err)
		}
		for _, c := range customers {
			drift.DeclineRule{}.Judge(trade, c)
		}
	}
}
