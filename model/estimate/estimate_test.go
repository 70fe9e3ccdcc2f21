package estimate_test

import (
	"fmt"
	"math"
	"testing"

	"pgregory.net/rapid"

	"github.com/churnwatch/churnwatch/model/estimate"
)

func ExampleNormal() {
	e := estimate.Normal(10, 2, 0.95, 400)
	fmt.Printf("%.0f [%.2f, %.2f]\n", e.Value, e.Low, e.High)
	// Output: 10 [6.08, 13.92]
}

func ExampleQuantile() {
	fmt.Printf("%.4f\n", estimate.Quantile(0.95))
	// Output: 1.9600
}

func TestQuantileMatchesTabulatedNormalQuantiles(t *testing.T) {
	// Abramowitz and Stegun (1964), table 26.5.
	for confidence, want := range map[float64]float64{0.90: 1.644854, 0.95: 1.959964, 0.999: 3.290527} {
		if got := estimate.Quantile(confidence); math.Abs(got-want) > 1e-6 {
			t.Errorf("Quantile(%v) = %v, want %v", confidence, got, want)
		}
	}
}

func TestAWiderConfidenceHoldsANarrowerOne(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := estimate.Normal(rapid.Float64Range(-5, 5).Draw(t, "v"), rapid.Float64Range(0, 3).Draw(t, "se"), 0.9, 3)
		wide := e.At(0.999)
		if wide.Low > e.Low || wide.High < e.High {
			t.Fatalf("%+v does not hold %+v", wide, e)
		}
		if r := e.Exp(); r.Low > r.Value || r.High < r.Value || r.Low < 0 {
			t.Fatalf("Exp broke the order: %+v", r)
		}
	})
}

func TestLogUndoesExp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := estimate.Normal(rapid.Float64Range(-3, 3).Draw(t, "v"), rapid.Float64Range(0, 2).Draw(t, "se"), 0.95, 5)
		back := e.Exp().Log()
		for _, pair := range [][2]float64{{back.Value, e.Value}, {back.Low, e.Low}, {back.High, e.High}, {back.StandardError, e.StandardError}} {
			if math.Abs(pair[0]-pair[1]) > 1e-9 {
				t.Fatalf("%+v became %+v", e, back)
			}
		}
	})
}
