package movement_test

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"

	"github.com/churnwatch/churnwatch/model/movement"
)

func ExampleShop_Relative() {
	shop, err := movement.NewShop([]movement.Pair{{Before: 4, After: 2}, {Before: 6, After: 3}, {Before: 5, After: 5}, {Before: 5, After: 6}})
	if err != nil {
		fmt.Println(err)
		return
	}
	e, err := shop.Relative([]int{0, 1}, 0.95)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("the shop %.2f, the group %+.3f\n", shop.Movement, e.Value)
	// Output: the shop 0.80, the group -0.375
}

func ExampleMean() {
	e, err := movement.Mean([]float64{2, 4, 0, 1}, []int{1, 1, 2, 3}, 0.95)
	fmt.Printf("%.2f of %d customers %v\n", e.Value, e.N, err)
	// Output: 1.75 of 3 customers <nil>
}

func near(t *testing.T, what string, want, got, tolerance float64) {
	t.Helper()
	if !(math.Abs(want-got) <= tolerance) {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

func TestTheIntervalIsThatOfTheLinearisation(t *testing.T) {
	shop, err := movement.NewShop([]movement.Pair{{3, 2}, {1, 4}, {5, 5}, {2, 0}, {4, 6}, {0, 1}})
	if err != nil {
		t.Fatal(err)
	}
	e, err := shop.Relative([]int{0, 2, 3}, 0.95)
	if err != nil {
		t.Fatal(err)
	}
	// By hand: m = 18/15 = 1.2, r = 7/10. psi: (2-2.1)/7-(2-3.6)/18 = 0.0746032;
	// (5-3.5)/7-(5-6)/18 = 0.2698413; (0-1.4)/7-(0-2.4)/18 = -0.0666667;
	// others -(4-1.2)/18 = -0.1555556, -(6-4.8)/18 = -0.0666667, -1/18 = -0.0555556.
	squares := 0.0746032*0.0746032 + 0.2698413*0.2698413 + 2*0.0666667*0.0666667 + 0.1555556*0.1555556 + 0.0555556*0.0555556
	se := math.Sqrt(1.5 * squares)
	near(t, "value", 0.7/1.2-1, e.Value, 1e-12)
	near(t, "standard error", 0.7/1.2*se, e.StandardError, 1e-6)
	near(t, "low", 0.7/1.2*math.Exp(-4.302653*se)-1, e.Low, 1e-5) // t(0.975, 2)
}

func TestAGroupOfEverybodyMovesAsTheShop(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pairs := draws(t)
		shop, err := movement.NewShop(pairs)
		if err != nil {
			t.Skip("the shop took nothing before or after: ", err)
		}
		all := make([]int, len(pairs))
		for i := range all {
			all[i] = i
		}
		e, err := shop.Relative(all, 0.95)
		if err != nil {
			t.Fatal(err)
		}
		if math.Abs(e.Value) > 1e-12 || e.StandardError > 1e-6 {
			t.Fatalf("everybody moved by %+v", e)
		}
	})
}

func draws(t *rapid.T) []movement.Pair {
	amount := rapid.Float64Range(0, 1000)
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) movement.Pair {
		return movement.Pair{Before: amount.Draw(t, "before"), After: amount.Draw(t, "after")}
	}), 3, 40).Draw(t, "customers")
}

// Another currency, or a season that moves everybody alike, changes nothing.
func TestNeitherCurrencyNorSeasonMattersNorTheOrderOfCustomers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pairs := draws(t)
		before, after := rapid.Float64Range(0.1, 10).Draw(t, "currency"), rapid.Float64Range(0.1, 10).Draw(t, "season")
		other := make([]movement.Pair, len(pairs))
		members, mirrored := []int{}, []int{}
		for i, p := range pairs {
			other[len(pairs)-1-i] = movement.Pair{Before: p.Before * before, After: p.After * after}
			if i%2 == 0 {
				members, mirrored = append(members, i), append(mirrored, len(pairs)-1-i)
			}
		}
		a, errA := movement.NewShop(pairs)
		b, errB := movement.NewShop(other)
		if (errA == nil) != (errB == nil) {
			t.Fatalf("%v became %v", errA, errB)
		}
		if errA != nil {
			t.Skip("the shop took nothing before or after: nothing can be compared")
		}
		x, errX := a.Relative(members, 0.95)
		y, errY := b.Relative(mirrored, 0.95)
		if (errX == nil) != (errY == nil) || math.Abs(x.Value-y.Value) > 1e-9*(1+math.Abs(x.Value)) || math.Abs(x.StandardError-y.StandardError) > 1e-6*(1+x.StandardError) {
			t.Fatalf("%+v %v became %+v %v", x, errX, y, errY)
		}
	})
}

// A group that moves as the shop is told apart from it in 5 % of the draws.
func TestTheIntervalHoldsTheTruth(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 8))
	const runs = 600
	covered := 0
	for range runs {
		pairs := make([]movement.Pair, 300)
		members := []int{}
		for i := range pairs {
			level := random.ExpFloat64() * 20
			pairs[i] = movement.Pair{Before: level * random.ExpFloat64(), After: 0.8 * level * random.ExpFloat64()}
			if i < 60 {
				pairs[i].After *= 0.5
				members = append(members, i)
			}
		}
		shop, err := movement.NewShop(pairs)
		if err != nil {
			t.Fatal(err)
		}
		e, err := shop.Relative(members, 0.95)
		if err != nil {
			t.Fatal(err)
		}
		// The group halves while the shop, of whom it is a fifth, falls to 0.9 of what it would be.
		if e.Contains(0.5/0.9 - 1) {
			covered++
		}
	}
	if share := float64(covered) / runs; share < 0.92 || share > 0.98 {
		t.Errorf("the interval of 95 %% holds the truth in %.3f of %d", share, runs)
	}
}

func TestTheMeanTakesACustomerAsOneUnit(t *testing.T) {
	// By hand: mean 7/4; sums of deviations 2.5, -1.75, -0.75; 3/2*(6.25+3.0625+0.5625)/16 = 0.92578.
	e, err := movement.Mean([]float64{2, 4, 0, 1}, []int{7, 7, 2, 3}, 0.95)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "standard error", math.Sqrt(0.92578125), e.StandardError, 1e-12)
	near(t, "high", 1.75+4.302653*math.Sqrt(0.92578125), e.High, 1e-5)
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOfN(rapid.Float64Range(-10, 10), 2, 30).Draw(t, "values")
		alone, double, twice := make([]int, len(values)), []float64{}, []int{}
		for i, v := range values {
			alone[i] = i
			double, twice = append(double, v, v), append(twice, i, i)
		}
		a, errA := movement.Mean(values, alone, 0.9)
		b, errB := movement.Mean(double, twice, 0.9)
		if errA != nil || errB != nil || math.Abs(a.StandardError-b.StandardError) > 1e-9 || math.Abs(a.Value-b.Value) > 1e-9 {
			t.Fatalf("an answer told twice: %+v %v became %+v %v", a, errA, b, errB)
		}
	})
}

func TestBadAmountsAndNothingAreErrors(t *testing.T) {
	for name, pairs := range map[string][]movement.Pair{"NaN": {{math.NaN(), 1}}, "negative": {{1, -1}}, "infinite": {{1, math.Inf(1)}}} {
		if _, err := movement.NewShop(pairs); !errors.Is(err, movement.ErrValue) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := movement.NewShop([]movement.Pair{{1, 0}}); !errors.Is(err, movement.ErrNothing) {
		t.Errorf("nothing after: %v", err)
	}
	shop, err := movement.NewShop([]movement.Pair{{1, 1}, {0, 2}, {0, 3}})
	if err != nil {
		t.Fatal(err)
	}
	for _, members := range [][]int{nil, {0}, {1, 2}} {
		if _, err := shop.Relative(members, 0.95); !errors.Is(err, movement.ErrNothing) {
			t.Errorf("%v: %v", members, err)
		}
	}
	if _, err := movement.Mean([]float64{1, 2}, []int{1, 1}, 0.95); !errors.Is(err, movement.ErrNothing) {
		t.Errorf("one customer: %v", err)
	}
	if _, err := movement.Mean([]float64{math.Inf(1), 2}, []int{1, 2}, 0.95); !errors.Is(err, movement.ErrValue) {
		t.Errorf("infinite: %v", err)
	}
}

func ExampleMeanOf() {
	e, err := movement.MeanOf(4, 10, 30, 0.95) // of 1, 2, 3 and 4
	fmt.Printf("%.2f [%.2f, %.2f] %v\n", e.Value, e.Low, e.High, err)
	// Output: 2.50 [0.45, 4.55] <nil>
}

func TestTheMeanOfSumsIsThatOfTheValues(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOfN(rapid.Float64Range(-10, 10), 2, 30).Draw(t, "values")
		customer, sum, squares := make([]int, len(values)), 0.0, 0.0
		for i, v := range values {
			customer[i], sum, squares = i, sum+v, squares+v*v
		}
		a, errA := movement.Mean(values, customer, 0.9)
		b, errB := movement.MeanOf(len(values), sum, squares, 0.9)
		if errA != nil || errB != nil || math.Abs(a.StandardError-b.StandardError) > 1e-6 || math.Abs(a.Value-b.Value) > 1e-9 {
			t.Fatalf("%+v %v, by sums %+v %v", a, errA, b, errB)
		}
	})
	if _, err := movement.MeanOf(1, 1, 1, 0.95); !errors.Is(err, movement.ErrNothing) {
		t.Errorf("one customer: %v", err)
	}
}
