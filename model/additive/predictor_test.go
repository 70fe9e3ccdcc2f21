package additive_test

import (
	"encoding/json"
	"errors"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/churnwatch/churnwatch/model/additive"
	"github.com/churnwatch/churnwatch/model/estimate"
	"github.com/churnwatch/churnwatch/model/logistic"
)

func marshal(t tester, p *additive.Predictor) []byte {
	t.Helper()
	out, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestJSONKeepsEveryBit(t *testing.T) {
	s := simulate(500, 2, 5)
	p := s.fit(t, additive.Options{})
	p.Calibration, p.SeasonVariance = additive.Calibration{Slope: 0.9, Intercept: 1.0 / 3, SlopeVariance: 0.01, InterceptVariance: 0.02, Method: "shrunk_logistic"}, 0.04
	first := marshal(t, p)
	var read additive.Predictor
	if err := json.Unmarshal(first, &read); err != nil {
		t.Fatal(err)
	}
	if err := read.Validate(); err != nil {
		t.Error(err)
	}
	if diff := cmp.Diff(first, marshal(t, &read)); diff != "" {
		t.Error(diff)
	}
	for i := range s.y {
		row := s.Row(i, nil)
		if read.LogOdds(row) != p.LogOdds(row) || read.StandardError(row) != p.StandardError(row) {
			t.Fatalf("row %d scores differently after JSON", i)
		}
	}
}

// The package comment's formulas, written down once more without the package.
func TestTheDocumentedFormulasGiveTheScore(t *testing.T) {
	s := simulate(800, 2, 8)
	p := s.fit(t, additive.Options{MaxRank: 10})
	p.Calibration = additive.Calibration{Slope: 0.8, Intercept: -0.2, SlopeVariance: 0.01, InterceptVariance: 0.02, Covariance: -0.005}
	p.SeasonVariance = 0.03
	rapid.Check(t, func(t *rapid.T) {
		numbers := []float64{0, 0, 0}
		for j, knots := range [][]float64{p.Terms[0].Knots, p.Terms[1].Knots, p.Terms[2].Knots} {
			numbers[j] = rapid.OneOf(rapid.SampledFrom(append(knots, math.NaN())), rapid.Float64Range(-10, 70)).Draw(t, "number")
		}
		channel := rapid.SampledFrom([]string{"web", "shop", "app", "other", ""}).Draw(t, "channel")
		h := []float64{1}
		coefficients := []float64{p.Base}
		extra := 0.0
		for j, term := range p.Terms[:3] {
			weights := make([]float64, len(term.Knots)+1)
			x, k := numbers[j], term.Knots
			switch {
			case math.IsNaN(x):
				weights[len(k)] = 1
				extra += term.MissingVariance
			case x <= k[0]:
				weights[0] = 1
			case x >= k[len(k)-1]:
				weights[len(k)-1] = 1
			}
			for i := range len(k) - 1 {
				if k[i] < x && x < k[i+1] || x == k[i] && i > 0 {
					f := (x - k[i]) / (k[i+1] - k[i])
					weights[i], weights[i+1] = 1-f, f
				}
			}
			h = append(h, weights...)
			coefficients = append(append(coefficients, term.Values...), term.Missing)
		}
		term := p.Terms[3]
		weights := make([]float64, len(term.Levels)+2)
		switch channel {
		case "":
			weights[len(term.Levels)+1] = 1
			extra += term.MissingVariance
		case "other":
			weights[len(term.Levels)] = 1
			extra += term.OtherVariance
		default:
			for i, name := range term.Levels {
				if name == channel {
					weights[i] = 1
				}
			}
		}
		h = append(h, weights...)
		coefficients = append(append(coefficients, term.Values...), term.Other, term.Missing)
		if len(h) != p.Coefficients() {
			t.Fatalf("%d coefficients, predictor says %d", len(h), p.Coefficients())
		}
		raw, v := 0.0, p.Uncertainty.Remainder+extra
		for i := range h {
			raw += h[i] * coefficients[i]
		}
		for _, row := range p.Uncertainty.Factor {
			dot := 0.0
			for i := range h {
				dot += row[i] * h[i]
			}
			v += dot * dot
		}
		eta := -0.2 + 0.8*raw
		se := math.Sqrt(0.64*v + 0.02 - 2*raw*0.005 + raw*raw*0.01 + 0.03)
		row := additive.Row{number(numbers[0]), number(numbers[1]), number(numbers[2]), level(channel)}
		closeTo(t, "log-odds", p.LogOdds(row), eta, 1e-12)
		closeTo(t, "standard error", p.StandardError(row), se, 1e-12)
		low, high := p.Interval(row, 0.9)
		closeTo(t, "low", low, logistic.Probability(eta-estimate.Quantile(0.9)*se), 1e-12)
		closeTo(t, "high", high, logistic.Probability(eta+estimate.Quantile(0.9)*se), 1e-12)
		closeTo(t, "probability", p.Probability(row), logistic.Probability(eta), 1e-12)
	})
}

func TestTruncationIsConservativeAtTrainingRows(t *testing.T) {
	s := simulate(800, 2, 8)
	exact, short := s.fit(t, additive.Options{MaxRank: 1000}), s.fit(t, additive.Options{MaxRank: 8})
	if exact.Uncertainty.Remainder > 1e-4 || len(short.Uncertainty.Factor) != 8 {
		t.Fatalf("remainder %v, rank %d", exact.Uncertainty.Remainder, len(short.Uncertainty.Factor))
	}
	for i := range s.y {
		row := s.Row(i, nil)
		lost := exact.Variance(row) - exact.Uncertainty.Remainder - short.Variance(row)
		if lost > 1e-6 {
			t.Errorf("row %d: truncation lost %v", i, lost)
		}
		if short.Variance(row) > exact.Variance(row)+short.Uncertainty.Remainder+1e-6 {
			t.Errorf("row %d: truncation added more than the remainder", i)
		}
	}
}

// With one 0/1 column and no prior to speak of, the variance of the log-odds
// at each value is 1/(n p (1-p)) of its own rows.
func TestVarianceOfTwoGroupsIsTheTextbooks(t *testing.T) {
	s := sample{Design: additive.Design{Columns: []additive.Column{{Name: "late"}}}}
	for i := range 1000 {
		late := float64(i % 4 / 3)
		churned := 0.0
		if i%10 < 3+int(3*late) {
			churned = 1
		}
		s.Columns[0].Numbers = append(s.Columns[0].Numbers, late)
		s.y = append(s.y, churned)
	}
	p := s.fit(t, additive.Options{Penalty: additive.Penalty{Curvature: 1, Slope: 1e-6}})
	for _, late := range []float64{0, 1} {
		var n, positive float64
		for i, v := range s.Columns[0].Numbers {
			if v == late {
				n++
				positive += s.y[i]
			}
		}
		share := positive / n
		want := 1 / (n * share * (1 - share))
		row := additive.Row{number(late)}
		closeTo(t, "log-odds", p.LogOdds(row), logistic.LogOdds(share), 1e-5)
		closeTo(t, "variance", p.Variance(row), want, 0.002*want) // G/(G-1) and 6 digits
	}
}

func TestBrokenPredictorsAreFound(t *testing.T) {
	s := simulate(300, 1, 5)
	for name, spoil := range map[string]func(p *additive.Predictor){
		"NaN base":         func(p *additive.Predictor) { p.Base = math.NaN() },
		"negative season":  func(p *additive.Predictor) { p.SeasonVariance = -1 },
		"slope 0":          func(p *additive.Predictor) { p.Calibration.Slope = 0 },
		"knots unsorted":   func(p *additive.Predictor) { p.Terms[0].Knots[1] = p.Terms[0].Knots[0] },
		"value missing":    func(p *additive.Predictor) { p.Terms[0].Values = p.Terms[0].Values[1:] },
		"levels unsorted":  func(p *additive.Predictor) { p.Terms[3].Levels[0] = "zz" },
		"unknown kind":     func(p *additive.Predictor) { p.Terms[0].Kind = "date" },
		"infinite value":   func(p *additive.Predictor) { p.Terms[3].Other = math.Inf(1) },
		"same name":        func(p *additive.Predictor) { p.Terms[1].Name = "recency" },
		"short factor row": func(p *additive.Predictor) { p.Uncertainty.Factor[0] = p.Uncertainty.Factor[0][1:] },
	} {
		p := s.fit(t, additive.Options{})
		spoil(p)
		if err := p.Validate(); !errors.Is(err, additive.ErrPredictor) {
			t.Errorf("%s: got %v, want %v", name, err, additive.ErrPredictor)
		}
	}
}

func TestTheFactorHasAStaircaseOfZeros(t *testing.T) {
	s := simulate(600, 2, 8)
	p := s.fit(t, additive.Options{})
	if p.Training.ShrinkageBias != additive.SquareAdded {
		t.Errorf("shrinkage bias %q", p.Training.ShrinkageBias)
	}
	for r, row := range p.Uncertainty.Factor {
		zeros := 0
		for _, v := range row {
			if v == 0 {
				zeros++
			}
		}
		if zeros < r {
			t.Errorf("row %d has %d zeros", r, zeros)
		}
		if r > 0 && row[0] != 0 {
			t.Errorf("row %d knows the base: %v", r, row[0])
		}
	}
}
