package drift_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"

	"github.com/churnwatch/churnwatch/model/drift"
)

func TestOddsRatiosWithoutControlsAreThoseOfTheTable(t *testing.T) {
	// Kept and churned by number of declines; the ratios are cross products.
	table := [3][2]int{{400, 100}, {120, 60}, {40, 50}}
	var declines, customer []int
	var churned []bool
	for d, row := range table {
		for outcome, count := range row {
			for range count {
				declines = append(declines, d)
				churned = append(churned, outcome == 1)
				customer = append(customer, len(customer))
			}
		}
	}
	odds, err := drift.OddsRatios(declines, churned, customer, nil, 0.95)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "one", 60.0*400/(120*100), odds.One.Value, 1e-9)
	near(t, "two", 50.0*400/(40*100), odds.Two.Value, 1e-9)
	// The log ratio's variance is the sum of reciprocals (Woolf 1955), which the
	// sandwich meets but for its G/(G-1).
	want := math.Sqrt(1.0/60 + 1.0/400 + 1.0/120 + 1.0/100)
	near(t, "standard error of log one", want, odds.One.StandardError/odds.One.Value, 1e-3)
	if odds.One.N != len(customer) {
		t.Errorf("N = %d, want %d customers", odds.One.N, len(customer))
	}
}

func TestRowsOfOneCustomerAreNoNewEvidence(t *testing.T) {
	random := rand.New(rand.NewPCG(6, 6))
	var declines, customer []int
	var churned []bool
	for i := range 900 {
		d := i % 3
		out := random.Float64() < []float64{0.2, 0.35, 0.6}[d]
		for range 4 {
			declines, churned, customer = append(declines, d), append(churned, out), append(customer, i)
		}
	}
	many, err := drift.OddsRatios(declines, churned, customer, nil, 0.95)
	if err != nil {
		t.Fatal(err)
	}
	one, err := drift.OddsRatios(every(declines, 4), every(churned, 4), every(customer, 4), nil, 0.95)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "value", one.Two.Value, many.Two.Value, 1e-9)
	near(t, "standard error", one.Two.StandardError, many.Two.StandardError, 1e-6)
}

func TestAControlThatSaysNothingNewIsDropped(t *testing.T) {
	declines := []int{0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2}
	churned := []bool{true, false, false, false, true, true, false, false, true, true, true, false}
	customer := []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}
	constant := make([]float64, len(declines))
	copied := make([]float64, len(declines))
	for i, d := range declines {
		constant[i] = 3
		if d == 2 {
			copied[i] = 5
		}
	}
	plain, err := drift.OddsRatios(declines, churned, customer, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	odds, err := drift.OddsRatios(declines, churned, customer, [][]float64{constant, copied}, 0)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "two", plain.Two.Value, odds.Two.Value, 1e-9)
	if len(odds.Warnings) != 2 {
		t.Errorf("warnings %q, want one for each control", odds.Warnings)
	}
}

func TestAGroupWithOneOutcomeHasNoOdds(t *testing.T) {
	odds, err := drift.OddsRatios([]int{0, 0, 1, 1, 2, 2}, []bool{true, false, true, true, false, true}, []int{0, 1, 2, 3, 4, 5}, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	if odds.One != nil || odds.Two == nil || len(odds.Warnings) == 0 {
		t.Errorf("%+v", odds)
	}
	near(t, "two", 1, odds.Two.Value, 1e-9)
	if odds, err = drift.OddsRatios([]int{0, 2}, []bool{true, false}, []int{0, 1}, nil, 0); err != nil || odds.Two != nil {
		t.Errorf("no comparison: %+v, %v", odds, err)
	}
	if _, err = drift.OddsRatios([]int{3}, []bool{true}, []int{0}, nil, 0); !errors.Is(err, drift.ErrValue) {
		t.Errorf("three declines: %v", err)
	}
	if _, err = drift.OddsRatios([]int{1}, nil, []int{0}, nil, 0); !errors.Is(err, drift.ErrShape) {
		t.Errorf("lengths: %v", err)
	}
}

func every[T any](values []T, step int) []T {
	var out []T
	for i := 0; i < len(values); i += step {
		out = append(out, values[i])
	}
	return out
}

// Another order of rows and other codes of customers change nothing, and the
// odds of staying are the reciprocals.
func TestOddsRatiosOfStayingAreTheReciprocals(t *testing.T) {
	random := rand.New(rand.NewPCG(9, 6))
	var declines, customer []int
	var churned []bool
	for i := range 600 {
		d := i % 3
		declines, customer, churned = append(declines, d), append(customer, i/2), append(churned, random.Float64() < []float64{0.2, 0.35, 0.6}[d])
	}
	want, err := drift.OddsRatios(declines, churned, customer, nil, 0.95)
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(r *rapid.T) {
		turn, stayed := rapid.IntRange(0, 599).Draw(r, "first row"), rapid.Bool().Draw(r, "stayed")
		var d, c []int
		var y []bool
		for i := range declines {
			k := (i + turn) % len(declines)
			d, c, y = append(d, declines[k]), append(c, 5000-3*customer[k]), append(y, churned[k] != stayed)
		}
		got, err := drift.OddsRatios(d, y, c, nil, 0.95)
		if err != nil {
			r.Fatal(err)
		}
		one, two := want.One.Value, want.Two.Value
		if stayed {
			one, two = 1/one, 1/two
		}
		if math.Abs(got.One.Value/one-1) > 1e-7 || math.Abs(got.Two.Value/two-1) > 1e-7 {
			r.Errorf("%v and %v, want %v and %v", got.One.Value, got.Two.Value, one, two)
		}
		if math.Abs(got.Two.Log().StandardError-want.Two.Log().StandardError) > 1e-7 {
			r.Errorf("error %v, want %v", got.Two.Log().StandardError, want.Two.Log().StandardError)
		}
	})
}
