package additive_test

import (
	"math"
	"testing"

	"github.com/churnwatch/churnwatch/model/additive"
)

func TestAShapeIsWhatTheTermContributesWithItsError(t *testing.T) {
	p := &additive.Predictor{
		Base: -0.3, Calibration: additive.Calibration{Slope: 0.8},
		Terms: []additive.Term{
			{Name: "first", Kind: additive.Numeric, Knots: []float64{0, 2}, Values: []float64{-1, 1}, Missing: 0.25},
			{Name: "second", Kind: additive.Category, Levels: []string{"a"}, Values: []float64{0.5}, Other: -0.5, MissingVariance: 0.09},
		},
		// base; first: two knots, missing; second: level, other, missing
		Uncertainty: additive.Uncertainty{Factor: [][]float64{
			{0.1, 0.3, 0.4, 0.5, 0.2, 0, 0},
			{0, 0.4, 0.3, 0, 0, 0.1, 0},
		}},
	}
	shape := p.Shape(1, 0.90)
	if len(shape) != 3 {
		t.Fatalf("%d slots, want level, other and missing", len(shape))
	}
	for s, want := range []struct{ value, se float64 }{
		{0.8 * 0.5, 0.8 * 0.2}, {0.8 * -0.5, 0.8 * 0.1}, {0, 0.8 * 0.3},
	} {
		if math.Abs(shape[s].Value-want.value) > 1e-15 || math.Abs(shape[s].StandardError-want.se) > 1e-15 {
			t.Errorf("slot %d: %v +- %v, want %v +- %v", s, shape[s].Value, shape[s].StandardError, want.value, want.se)
		}
	}
	for k, x := range p.Terms[0].Knots {
		got := p.Shape(0, 0.90)[k]
		if want := p.Contributions(additive.Row{{Number: x}, {Level: "a"}}, nil)[0]; got.Value != want {
			t.Errorf("at knot %v the shape is %v, the contribution %v", x, got.Value, want)
		}
		if want := 0.8 * 0.5; math.Abs(got.StandardError-want) > 1e-15 {
			t.Errorf("at knot %v the error is %v, want %v", x, got.StandardError, want)
		}
	}
}
