package btyd_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"

	"github.com/churnwatch/churnwatch/model/btyd"
)

func drawParameters(r *rapid.T) btyd.Parameters {
	p := btyd.Parameters{
		R: math.Exp(rapid.Float64Range(-3, 3).Draw(r, "log r")), Alpha: math.Exp(rapid.Float64Range(-1, 5).Draw(r, "log alpha")),
	}
	if rapid.IntRange(0, 4).Draw(r, "dropout") > 0 {
		p.A, p.B = math.Exp(rapid.Float64Range(-4, 4).Draw(r, "log a")), math.Exp(rapid.Float64Range(-3, 4).Draw(r, "log b"))
	}
	return p
}

func drawHistory(r *rapid.T) btyd.History {
	h := btyd.History{Age: rapid.Float64Range(1, 900).Draw(r, "age"), Repeats: rapid.IntRange(0, 300).Draw(r, "repeats")}
	if h.Repeats > 0 {
		h.Last = math.Max(h.Age*rapid.Float64Range(0, 1).Draw(r, "last"), 0.5)
	}
	return h
}

// By numerical integration of the definition over rate and dropout (scipy
// quad, of gamma times lambda^x (1-p)^x exp(-lambda T) and so on).
func TestProbabilitiesAgreeWithTheirDefinition(t *testing.T) {
	h := btyd.History{Repeats: 2, Last: 30.43, Age: 38.86}
	near(t, "active", 0.7265785689950922, cdnow.Alive(h), 1e-8)
	near(t, "no order", 0.4453728564115579, cdnow.NoOrder(h, 39), 1e-7)
}

// By scipy's quad over the beta of dropout, substituted so that it has no
// singularity, at relative error 1e-13.
func TestExpectedOrdersAgreeWithIntegration(t *testing.T) {
	e, err := btyd.NewExpectation(cdnow)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		repeats                       int
		age, horizon, want, tolerance float64
	}{
		{0, 38.86, 39, 0.19509805201126207, 1e-11},
		{2, 38.86, 39, 1.6873993058053192, 1e-11},
		{26, 38.86, 39, 18.300550978721688, 1e-9},
		{50, 10, 90, 125.19524463529592, 1e-9},
		{150, 39, 39, 103.26542379092089, 1e-9},
		{300, 39, 39, 206.08348038412979, 1e-9},
		{0, 0.1, 500, 4.838785068349777, 1e-9},
		{3, 1, 2000, 51.77416490108734, 1e-4},
	} {
		h := btyd.History{Repeats: c.repeats, Last: min(1, float64(c.repeats)), Age: c.age}
		near(t, "orders", c.want, e.OrdersIfAlive(h, c.horizon), c.tolerance)
	}
}

// Whoever has the same history in a simulated shop orders as often, and stays
// away as often, as is said of him.
func TestForecastsComeTrueInASimulatedShop(t *testing.T) {
	p := btyd.Parameters{R: 0.6, Alpha: 9, A: 0.8, B: 2.5}
	e, err := btyd.NewExpectation(p)
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(5, 5))
	const age, horizon = 40.0, 30.0
	type tally struct{ n, silent, orders, squares, expectSilent, expect float64 }
	by := map[int]*tally{}
	for range 80_000 {
		l := live(p, age, age+horizon, random)
		h := btyd.History{Age: age}
		orders := 0.0
		for _, at := range l.orders {
			if at < age {
				h.Repeats, h.Last = h.Repeats+1, at
			} else {
				orders++
			}
		}
		k := min(h.Repeats, 6)
		if by[k] == nil {
			by[k] = &tally{}
		}
		y := by[k]
		y.n, y.orders, y.squares = y.n+1, y.orders+orders, y.squares+orders*orders
		if orders == 0 {
			y.silent++
		}
		y.expectSilent += p.NoOrder(h, horizon)
		y.expect += e.Orders(h, horizon)
	}
	for k, y := range by {
		share, want := y.silent/y.n, y.expectSilent/y.n
		if math.Abs(share-want) > 4*math.Sqrt(want*(1-want)/y.n) {
			t.Errorf("%d repeats: %v without an order, %v said", k, share, want)
		}
		mean, expected := y.orders/y.n, y.expect/y.n
		if math.Abs(mean-expected) > 4*math.Sqrt((y.squares/y.n-mean*mean)/y.n) {
			t.Errorf("%d repeats: %v orders, %v expected", k, mean, expected)
		}
	}
}

func TestForecastsHoldTogether(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		p, h := drawParameters(r), drawHistory(r)
		horizon := rapid.Float64Range(1, 400).Draw(r, "horizon")
		e, err := btyd.NewExpectation(p)
		if err != nil {
			r.Fatal(err)
		}
		alive, silent := p.Alive(h), p.NoOrder(h, horizon)
		if !(alive >= 0 && alive <= 1) || !(silent >= 0 && silent <= 1) || math.IsNaN(p.NoOrderLogOdds(h, horizon)) || math.IsInf(p.NoOrderLogOdds(h, horizon), 0) {
			r.Fatalf("alive %v, silent %v", alive, silent)
		}
		if silent > 1e-6 && silent < 1-1e-6 {
			if got := 1 / (1 + math.Exp(-p.NoOrderLogOdds(h, horizon))); math.Abs(got-silent) > 1e-9 {
				r.Errorf("log-odds say %v, the probability is %v", got, silent)
			}
		}
		orders := e.OrdersIfAlive(h, horizon)
		// At least one order has at most the expected number as its
		// probability, and nobody expects more than without dropout.
		if ordered := 1 - (silent-1+alive)/alive; alive > 1e-6 && orders < ordered*(1-1e-6)-1e-9 {
			r.Errorf("%v orders expected, but one with probability %v", orders, ordered)
		}
		if most := (p.R + float64(h.Repeats)) * horizon / (p.Alpha + h.Age); orders > most*(1+1e-9) {
			r.Errorf("%v orders expected, at most %v without dropout", orders, most)
		}
		if e.OrdersIfAlive(h, 2*horizon) < orders {
			r.Error("fewer orders in a longer time")
		}
		if p.NoOrder(h, 2*horizon) > silent+1e-12 {
			r.Error("no order is likelier in a longer time")
		}
		wait := p.WaitIfAlive(h, 0.3)
		bare := btyd.Parameters{R: p.R, Alpha: p.Alpha}
		if got := bare.NoOrder(h, wait); !math.IsInf(wait, 1) && math.Abs(got-0.7) > 1e-9 {
			r.Errorf("the wait of 0.3 leaves %v without an order", got)
		}
	})
}

func TestForecastsDoNotDependOnTheUnitOfTime(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		p, h := drawParameters(r), drawHistory(r)
		unit := rapid.Float64Range(0.01, 100).Draw(r, "unit")
		q, g := p, h
		q.Alpha, g.Last, g.Age = p.Alpha*unit, h.Last*unit, h.Age*unit
		if a, b := p.NoOrderLogOdds(h, 90), q.NoOrderLogOdds(g, 90*unit); math.Abs(a-b) > 1e-8*math.Max(1, math.Abs(a)) {
			r.Errorf("want %v, got %v", a, b)
		}
	})
}

// One order gives no chance to leave, but most such customers don't come back.
func TestOneTimeBuyersAreNotSafe(t *testing.T) {
	once, twice := btyd.History{Age: 39}, btyd.History{Repeats: 4, Last: 33, Age: 39}
	if cdnow.Alive(once) != 1 {
		t.Errorf("want 1, got %v", cdnow.Alive(once))
	}
	if !(cdnow.NoOrder(once, 13) > 0.9) || !(cdnow.NoOrder(once, 13) > cdnow.NoOrder(twice, 13)) {
		t.Errorf("once %v, five times %v", cdnow.NoOrder(once, 13), cdnow.NoOrder(twice, 13))
	}
}

func TestIntervalOfNoOrderCoversItsTruth(t *testing.T) {
	truth := btyd.Parameters{R: 0.6, Alpha: 9, A: 0.8, B: 2.5}
	h := btyd.History{Repeats: 3, Last: 20, Age: 40}
	covered := 0
	const seeds = 60
	for seed := range uint64(seeds) {
		m := fit(t, shop(truth, 600, seed))
		e := m.NoOrderEstimate(h, 30, 0.9)
		near(t, "value", m.NoOrder(h, 30), e.Value, 1e-9)
		if e.Contains(truth.NoOrder(h, 30)) {
			covered++
		}
	}
	if covered < 46 { // 54 expected; fewer than 46 has a probability of 0.0005.
		t.Errorf("%d of %d intervals hold the truth", covered, seeds)
	}
}
