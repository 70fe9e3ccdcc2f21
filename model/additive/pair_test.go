package additive_test

import (
	"encoding/json"
	"errors"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/churnwatch/churnwatch/model/additive"
)

func TestCellsAreHalfOpenAndMissingIsTheLast(t *testing.T) {
	a := additive.Axis{Term: "a", Kind: additive.Numeric, Cuts: []float64{0, 10}}
	for x, want := range map[float64]int{math.Inf(-1): 0, -1e-300: 0, 0: 1, 9.99: 1, 10: 2, math.Inf(1): 2} {
		if got := a.Cell(number(x)); got != want {
			t.Errorf("cell of %v = %d, want %d", x, got, want)
		}
	}
	if got := a.Cell(number(math.NaN())); got != 3 || a.Cells() != 4 {
		t.Errorf("missing lies in %d of %d", got, a.Cells())
	}
	b := additive.Axis{Term: "b", Kind: additive.Category, Levels: []string{"app", "web"}}
	for x, want := range map[string]int{"app": 0, "web": 1, "fax": 2, "": 3} {
		if got := b.Cell(level(x)); got != want || b.Cells() != 4 {
			t.Errorf("cell of %q = %d of %d, want %d", x, got, b.Cells(), want)
		}
	}
}

// paired is a predictor of two terms and a pair, by hand.
func paired() *additive.Predictor {
	return &additive.Predictor{
		Base: -1, Calibration: additive.Calibration{Slope: 0.5, Intercept: 0.2, Method: "none"},
		Terms: []additive.Term{
			{Name: "late", Kind: additive.Numeric, Knots: []float64{0, 2}, Values: []float64{-0.2, 0.6}, Missing: 0.1},
			{Name: "plan", Kind: additive.Category, Levels: []string{"basic"}, Values: []float64{0.3}, Other: -0.3},
		},
		Pairs: []additive.Pair{{
			First:  additive.Axis{Term: "plan", Kind: additive.Category, Levels: []string{"basic"}},
			Second: additive.Axis{Term: "late", Kind: additive.Numeric, Cuts: []float64{1}},
			Values: [][]float64{{-0.4, 0.8, 0}, {0.4, -0.8, 0}, {0, 0, 0}}, Weights: [][]float64{{10, 5, 0}, {10, 5, 0}, {0, 0, 0}},
			UnseenVariance: 0.33,
		}},
		Uncertainty: additive.Uncertainty{Factor: [][]float64{
			// base, late 0, late 2, missing, basic, other, missing, 9 cells
			{0.1, 0.2, 0, 0, 0.05, 0, 0, 0, 0.3, 0, 0, 0, 0, 0, 0, 0},
		}},
	}
}

func TestAPairAddsTheValueOfItsCell(t *testing.T) {
	p := paired()
	if err := p.Validate(); err != nil {
		t.Fatal(err)
	}
	x := additive.Row{number(1), level("basic")}
	// halfway between the knots 0.2, level 0.3, second cell 0.8
	closeTo(t, "log-odds", p.LogOdds(x), 0.2+0.5*(-1+0.2+0.3+0.8), 1e-15)
	// 0.1 + half of 0.2 and of 0, 0.05, 0.3
	closeTo(t, "variance", p.Variance(x), 0.25*math.Pow(0.1+0.1+0.05+0.3, 2), 1e-15)
	if diff := cmp.Diff([]string{"late", "plan", "plan:late"}, p.ContributionNames()); diff != "" {
		t.Error(diff)
	}
	unseen := additive.Row{number(1), level("")}
	closeTo(t, "variance of an unseen cell", p.Variance(unseen), 0.25*(math.Pow(0.1+0.1, 2)+0.33), 1e-15)
}

func TestContributionsOfTermsAndPairsAddUp(t *testing.T) {
	p := paired()
	rapid.Check(t, func(r *rapid.T) {
		x := additive.Row{number(rapid.Float64Range(-3, 5).Draw(r, "late")), level(rapid.SampledFrom([]string{"basic", "pro", ""}).Draw(r, "plan"))}
		sum := p.BaseLogOdds()
		for _, c := range p.Contributions(x, nil) {
			sum += c
		}
		closeTo(r, "sum", sum, p.LogOdds(x), 1e-12)
	})
}

func TestAPredictorWithPairsOutlivesJSON(t *testing.T) {
	p := paired()
	b, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	var read additive.Predictor
	if err := json.Unmarshal(b, &read); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(p, &read); diff != "" {
		t.Error(diff)
	}
}

func TestABrokenPairIsRefused(t *testing.T) {
	for name, spoil := range map[string]func(*additive.Pair){
		"no such term":        func(p *additive.Pair) { p.First.Term = "tier" },
		"another kind":        func(p *additive.Pair) { p.First.Kind = additive.Numeric; p.First.Levels = nil },
		"one term twice":      func(p *additive.Pair) { p.First = p.Second },
		"a row short":         func(p *additive.Pair) { p.Values = p.Values[:2] },
		"a cell short":        func(p *additive.Pair) { p.Values[1] = p.Values[1][:2] },
		"no weights":          func(p *additive.Pair) { p.Weights = nil },
		"not finite":          func(p *additive.Pair) { p.Values[0][0] = math.NaN() },
		"cuts that fall":      func(p *additive.Pair) { p.Second.Cuts = []float64{1, 1} },
		"levels out of order": func(p *additive.Pair) { p.First.Levels = []string{""} },
		"negative variance":   func(p *additive.Pair) { p.UnseenVariance = -1 },
	} {
		p := paired()
		spoil(&p.Pairs[0])
		if err := p.Validate(); !errors.Is(err, additive.ErrPredictor) {
			t.Errorf("%s: got %v, want %v", name, err, additive.ErrPredictor)
		}
	}
	twice := paired()
	twice.Pairs = append(twice.Pairs, twice.Pairs[0])
	if err := twice.Validate(); !errors.Is(err, additive.ErrPredictor) {
		t.Errorf("a pair twice: got %v, want %v", err, additive.ErrPredictor)
	}
}
