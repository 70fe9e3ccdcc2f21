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

func ExampleEstimate_At() {
	e := estimate.Normal(2, 1, 0.95, 40).At(0.5)
	fmt.Printf("%.2f [%.2f, %.2f]\n", e.Value, e.Low, e.High)
	// Output: 2.00 [1.33, 2.67]
}

// An odds ratio of log-odds, and back.
func ExampleEstimate_Exp() {
	e := estimate.Normal(0.5, 0.1, 0.95, 200)
	fmt.Printf("%.3f [%.3f, %.3f]\n", e.Exp().Value, e.Exp().Low, e.Exp().High)
	fmt.Printf("%.3f +- %.3f\n", e.Exp().Log().Value, e.Exp().Log().StandardError)
	// Output:
	// 1.649 [1.355, 2.006]
	// 0.500 +- 0.100
}

func ExampleEstimate_Log() {
	e := estimate.Estimate{Value: 4, Low: 1, High: 16, StandardError: 2, Confidence: 0.95, N: 60}
	fmt.Printf("%.3f [%.3f, %.3f] +- %.2f\n", e.Log().Value, e.Log().Low, e.Log().High, e.Log().StandardError)
	// Output: 1.386 [0.000, 2.773] +- 0.50
}

func ExampleEstimate_Contains() {
	e := estimate.Normal(-1.7, 1.4, 0.95, 65)
	fmt.Println(e.Contains(0), e.Contains(2))
	// Output: true false
}

func ExampleEstimate_Warn() {
	e := estimate.Normal(3, 1, 0.95, 12)
	fmt.Println(e.Warn("12 customers, 30 are needed").Warnings, e.Warnings)
	// Output: [12 customers, 30 are needed] []
}

func BenchmarkNormal(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		estimate.Normal(1, 0.5, 0.95, 100)
	}
}
