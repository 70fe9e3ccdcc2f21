package btyd_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"
	"pgregory.net/rapid"

	"github.com/churnwatch/churnwatch/model/btyd"
)

// Who is kept orders once at least: a mean over simulated rates, of customers
// who never drop out.
func TestOrdersIfKeptAreThoseOfCustomersWhoOrder(t *testing.T) {
	e, err := btyd.NewExpectation(btyd.Parameters{R: 0.8, Alpha: 90, A: 1e-7, B: 1})
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range []btyd.History{{Age: 300}, {Repeats: 2, Last: 200, Age: 300}, {Repeats: 20, Last: 350, Age: 360}} {
		source := rand.New(rand.NewPCG(3, uint64(h.Repeats)))
		rates := distuv.Gamma{Alpha: 0.8 + float64(h.Repeats), Beta: 90 + h.Age, Src: source}
		var orders, ordering, means, squares float64
		const draws = 200_000
		for range draws {
			m := 90 * rates.Rand()
			if n := (distuv.Poisson{Lambda: m, Src: source}).Rand(); n > 0 {
				orders, ordering = orders+n, ordering+1
			}
			each := m / -math.Expm1(-m)
			means, squares = means+each/draws, squares+each*each/draws
		}
		if got, want := e.OrdersIfKept(h, 90), orders/ordering; math.Abs(got-want) > 0.01*want {
			t.Errorf("%+v: %v orders if kept, simulated %v", h, got, want)
		}
		// To first order, so to a third of itself.
		if got, want := e.KeptSpread(h, 90), squares/(means*means)-1; math.Abs(got-want) > 0.35*want+1e-3 {
			t.Errorf("%+v: spread %v, simulated %v", h, got, want)
		}
	}
}

func TestWhoIsKeptOrdersOnceAndMoreThanWhoIsActive(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := btyd.Parameters{
			R: rapid.Float64Range(0.05, 5).Draw(t, "r"), Alpha: rapid.Float64Range(1, 500).Draw(t, "alpha"),
			A: rapid.Float64Range(0.01, 3).Draw(t, "a"), B: rapid.Float64Range(0.1, 9).Draw(t, "b"),
		}
		e, err := btyd.NewExpectation(p)
		if err != nil {
			t.Fatal(err)
		}
		age := rapid.Float64Range(1, 900).Draw(t, "age")
		h := btyd.History{Repeats: rapid.IntRange(0, 40).Draw(t, "repeats"), Age: age}
		if h.Repeats > 0 {
			h.Last = age * rapid.Float64Range(0.1, 1).Draw(t, "last")
		}
		horizon := rapid.Float64Range(1, 365).Draw(t, "horizon")
		kept, active := e.OrdersIfKept(h, horizon), e.OrdersIfAlive(h, horizon)
		if kept < active || kept < 1-1e-6 {
			t.Errorf("%v orders if kept, %v if active", kept, active)
		}
		if spread := e.KeptSpread(h, horizon); !(spread >= 0 && spread <= p.OrdersSpread(h)) {
			t.Errorf("spread %v, of rates %v", spread, p.OrdersSpread(h))
		}
	})
}

func ExampleExpectation_OrdersIfKept() {
	e, err := btyd.NewExpectation(btyd.Parameters{R: 0.243, Alpha: 4.414, A: 0.793, B: 2.426})
	if err != nil {
		fmt.Println(err)
		return
	}
	once := btyd.History{Age: 38.86}
	fmt.Printf("%.2f orders of one who is active, %.2f if he orders at all\n", e.OrdersIfAlive(once, 13), e.OrdersIfKept(once, 13))
	// Output: 0.07 orders of one who is active, 1.13 if he orders at all
}
