package additive_test

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"

	"github.com/churnwatch/churnwatch/model/additive"
)

// calibrated is a fit whose calibration and season are uncertain too.
func calibrated(t tester) (sample, *additive.Predictor) {
	s := simulate(600, 2, 8)
	p := s.fit(t, additive.Options{})
	p.Calibration = additive.Calibration{Slope: 0.8, Intercept: -0.2, SlopeVariance: 0.01, InterceptVariance: 0.02, Covariance: -0.005}
	p.SeasonVariance = 0.03
	return s, p
}

func TestATotalOfOneRowHasItsVariance(t *testing.T) {
	s, p := calibrated(t)
	rapid.Check(t, func(t *rapid.T) {
		x := s.Row(rapid.IntRange(0, len(s.y)-1).Draw(t, "row"), nil)
		if rapid.Bool().Draw(t, "missing") {
			x[rapid.IntRange(0, 3).Draw(t, "term")] = additive.Value{Number: math.NaN()}
		}
		weight := rapid.Float64Range(-3, 3).Draw(t, "weight")
		total := p.NewTotal()
		total.Add(x, weight)
		probability := p.Probability(x)
		closeTo(t, "value", total.Value(), weight*probability, 1e-12)
		steep := weight * probability * (1 - probability)
		closeTo(t, "variance", total.Variance(), steep*steep*p.Variance(x), 1e-12)
	})
}

func TestATotalOfOneRowCountsItsPairs(t *testing.T) {
	p := paired()
	for _, x := range []additive.Row{{number(1), level("basic")}, {number(1), level("")}, {number(math.NaN()), level("pro")}} {
		total := p.NewTotal()
		total.Add(x, 1)
		steep := p.Probability(x) * (1 - p.Probability(x))
		closeTo(t, "variance", total.Variance(), steep*steep*p.Variance(x), 1e-15)
	}
}

func TestARowAgainstItselfIsCertainlyNothing(t *testing.T) {
	s, p := calibrated(t)
	total := p.NewTotal()
	for i := range 50 {
		total.Add(s.Row(i, nil), 0.7)
		total.Add(s.Row(i, nil), -0.7)
	}
	closeTo(t, "value", total.Value(), 0, 1e-12)
	closeTo(t, "standard error", total.StandardError(), 0, 1e-6)
}

// The delta method against drawing predictors from the factor, which is made
// so small that the probabilities are straight lines in it.
func TestTheVarianceIsThatOfDrawnPredictors(t *testing.T) {
	s, p := calibrated(t)
	p.Calibration.SlopeVariance, p.Calibration.InterceptVariance, p.Calibration.Covariance, p.SeasonVariance = 0, 0, 0, 0
	for _, row := range p.Uncertainty.Factor {
		for i := range row {
			row[i] *= 0.01
		}
	}
	sum := func(p *additive.Predictor) *additive.Total {
		total := p.NewTotal()
		for i := range 120 {
			x := s.Row(i, nil)
			total.Add(x, -1)
			x[1].Number = math.Max(0, x[1].Number-1)
			total.Add(x, 1)
		}
		return total
	}
	p.Uncertainty.Remainder = 0
	const draws = 1500
	random := rand.New(rand.NewPCG(4, 4))
	want, squares := sum(p).Value(), 0.0
	for range draws {
		d := sum(drawn(t, p, random)).Value() - want
		squares += d * d
	}
	// The standard error of a variance of 1,500 draws is 3.7 %.
	if ratio := sum(p).Variance() / (squares / draws); !(math.Abs(ratio-1) < 0.15) {
		t.Errorf("variance is %v times that of drawn predictors", ratio)
	}
}

// drawn moves every coefficient by the factor's rows times normal noise.
func drawn(t tester, p *additive.Predictor, random *rand.Rand) *additive.Predictor {
	text, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	var out additive.Predictor
	if err := json.Unmarshal(text, &out); err != nil {
		t.Fatal(err)
	}
	shift := make([]float64, p.Coefficients())
	for _, row := range p.Uncertainty.Factor {
		z := random.NormFloat64()
		for i, v := range row {
			shift[i] += z * v
		}
	}
	out.Base += shift[0]
	at := 1
	for j := range out.Terms {
		term := &out.Terms[j]
		for k := range term.Values {
			term.Values[k] += shift[at]
			at++
		}
		if term.Kind == additive.Category {
			term.Other += shift[at]
			at++
		}
		term.Missing += shift[at]
		at++
	}
	return &out
}

func ExamplePredictor_NewTotal() {
	d, churned := tiny()
	p, err := additive.Fit(d, churned, additive.Options{Penalty: additive.Penalty{Curvature: 1, Slope: 1}})
	if err != nil {
		fmt.Println(err)
		return
	}
	change := p.NewTotal()
	for i := range churned {
		x := d.Row(i, nil)
		change.Add(x, -1) // as it is
		x[0].Number = 0
		change.Add(x, 1) // without a late delivery
	}
	fmt.Printf("%.0f customers, give or take %.0f\n", change.Value(), change.StandardError())
	// Output:
	// -119 customers, give or take 16
}

func BenchmarkTotalOf1000Rows(b *testing.B) {
	s, p := calibrated(b)
	b.ReportAllocs()
	for b.Loop() {
		total := p.NewTotal()
		for i := range 1000 {
			total.Add(s.Row(i%len(s.y), nil), 1)
		}
		total.Variance()
	}
}
