package additive_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/churnwatch/churnwatch/model/additive"
	"github.com/churnwatch/churnwatch/model/logistic"
)

// crossed draws rows whose log-odds have a step that only both features
// together show: 0.3 a + strength where one of a, b is above 0 and -strength
// where both or none are.
func crossed(n int, strength float64, seed uint64) sample {
	g := rand.New(rand.NewPCG(seed, 29))
	a, b, c := make([]float64, n), make([]float64, n), make([]float64, n)
	s := sample{Design: additive.Design{Columns: []additive.Column{{Name: "a", Numbers: a}, {Name: "b", Numbers: b}, {Name: "c", Numbers: c}}}}
	for i := range n {
		a[i], b[i], c[i] = g.NormFloat64(), g.NormFloat64(), g.NormFloat64()
		eta := -0.5 + 0.3*a[i]
		if (a[i] > 0) != (b[i] > 0) {
			eta += strength
		} else {
			eta -= strength
		}
		s.truth = append(s.truth, eta)
		churned := 0.0
		if g.Float64() < logistic.Probability(eta) {
			churned = 1
		}
		s.y, s.Cluster = append(s.y, churned), append(s.Cluster, i/2)
	}
	return s
}

func choosePairs(t tester, s sample, opts additive.ChooseOptions) *additive.PairChoice {
	t.Helper()
	folds := byCustomer(s, 3)
	chosen := choose(t, s, folds, []additive.Penalty{{Curvature: 3, Slope: 10}}, opts)
	c, err := additive.ChoosePairs(&s.Design, s.y, folds, chosen, nil, opts)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestAStepOfTwoFeaturesIsFoundAndFitted(t *testing.T) {
	s := crossed(3000, 0.8, 1)
	c := choosePairs(t, s, additive.ChooseOptions{})
	if c.Pairing.Count == 0 {
		t.Fatalf("no pairs: %+v", c.Trials)
	}
	p := s.fit(t, additive.Options{Pairing: additive.Pairing{Count: 1, Rounds: 25}})
	if name := p.Pairs[0].Name(); name != "a:b" {
		t.Fatalf("the pair is %s", name)
	}
	for _, corner := range [][3]float64{{1, 1, -0.8}, {1, -1, 0.8}, {-1, 1, 0.8}, {-1, -1, -0.8}} {
		got := p.Pairs[0].Contribution(number(corner[0]), number(corner[1]))
		if math.Abs(got-corner[2]) > 0.45 {
			t.Errorf("contribution at %v: %.2f, want about %.1f", corner[:2], got, corner[2])
		}
	}
}

func TestPairsThatDoNotPayAreNone(t *testing.T) {
	for seed := range uint64(4) {
		s := crossed(1500, 0, seed)
		c := choosePairs(t, s, additive.ChooseOptions{})
		if c.Pairing.Count != 0 {
			t.Errorf("seed %d: %+v of noise: %+v", seed, c.Pairing, c.Trials)
		}
	}
}

func TestASurfaceHoldsNothingThatOneFeatureSays(t *testing.T) {
	s := crossed(1200, 0.8, 5)
	p := s.fit(t, additive.Options{Pairing: additive.Pairing{Count: 3, Rounds: 10}})
	for _, pair := range p.Pairs {
		rows, columns := make([][2]float64, pair.First.Cells()), make([][2]float64, pair.Second.Cells())
		for i, row := range pair.Values {
			for j, v := range row {
				w := pair.Weights[i][j]
				if w == 0 && v != 0 {
					t.Errorf("%s: an unseen cell has %v", pair.Name(), v)
				}
				rows[i][0], rows[i][1] = rows[i][0]+w*v, rows[i][1]+w
				columns[j][0], columns[j][1] = columns[j][0]+w*v, columns[j][1]+w
			}
		}
		for k, line := range slices.Concat(rows, columns) {
			if line[1] > 0 && math.Abs(line[0]/line[1]) > 1e-6 {
				t.Errorf("%s: line %d has the mean %v", pair.Name(), k, line[0]/line[1])
			}
		}
	}
}

func TestPairsDoNotDependOnTheScaleOrTheOrderOfRows(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		s := crossed(300, 0.8, rapid.Uint64().Draw(r, "seed"))
		opts := additive.Options{Pairing: additive.Pairing{Count: 2, Rounds: 5}, Bags: 2}
		want := s.fit(r, opts)
		order := rand.New(rand.NewPCG(rapid.Uint64().Draw(r, "order"), 1)).Perm(len(s.y))
		moved := s.reordered(order)
		factor := rapid.SampledFrom([]float64{0.25, 2, 16}).Draw(r, "factor") // exact in binary
		for i := range moved.y {
			moved.Columns[1].Numbers[i] *= factor
		}
		got := moved.fit(r, opts)
		for k, i := range order[:20] {
			closeTo(r, "log-odds", got.LogOdds(moved.Row(k, nil)), want.LogOdds(s.Row(i, nil)), 1e-6)
			closeTo(r, "variance", got.Variance(moved.Row(k, nil)), want.Variance(s.Row(i, nil)), 1e-3)
		}
	})
}

func TestWorkersDoNotChangeThePairs(t *testing.T) {
	s := crossed(900, 0.8, 7)
	one, four := choosePairs(t, s, additive.ChooseOptions{Workers: 1}), choosePairs(t, s, additive.ChooseOptions{Workers: 4})
	if diff := cmp.Diff(one, four); diff != "" {
		t.Error(diff)
	}
}

func TestIntervalsAreWiderWithPairs(t *testing.T) {
	s := crossed(1500, 0.8, 3)
	plain := s.fit(t, additive.Options{})
	paired := s.fit(t, additive.Options{Pairing: additive.Pairing{Count: 2, Rounds: 25}})
	var without, with float64
	for i := range s.y {
		without += plain.StandardError(s.Row(i, nil))
		with += paired.StandardError(s.Row(i, nil))
	}
	if with < without {
		t.Errorf("mean standard error %.3f with pairs, %.3f without", with/float64(len(s.y)), without/float64(len(s.y)))
	}
}

func TestFaultyPairingsAreRefused(t *testing.T) {
	s := crossed(200, 0.8, 1)
	folds := byCustomer(s, 2)
	chosen := choose(t, s, folds, []additive.Penalty{{Curvature: 3, Slope: 10}}, additive.ChooseOptions{})
	if _, err := additive.ChoosePairs(&s.Design, s.y, folds[:1], chosen, nil, additive.ChooseOptions{}); !errors.Is(err, additive.ErrInput) {
		t.Errorf("other folds: got %v", err)
	}
	for name, opts := range map[string]additive.Options{
		"no rounds":      {Pairing: additive.Pairing{Count: 1}},
		"negative count": {Pairing: additive.Pairing{Count: -1, Rounds: 1}},
		"one cell":       {Cells: 1},
		"one bag":        {Bags: 1},
		"too many cells": {Cells: 300},
	} {
		if _, err := additive.Fit(&s.Design, s.y, opts); !errors.Is(err, additive.ErrInput) {
			t.Errorf("%s: got %v, want %v", name, err, additive.ErrInput)
		}
	}
	stop := additive.Options{Pairing: additive.Pairing{Count: 1, Rounds: 9}, Stop: func() bool { return true }}
	if _, err := additive.Fit(&s.Design, s.y, stop); !errors.Is(err, additive.ErrStopped) {
		t.Errorf("stop: got %v", err)
	}
}

func BenchmarkFit3PairsOf3000Rows(b *testing.B) {
	s := crossed(3000, 0.8, 1)
	b.ReportAllocs()
	for b.Loop() {
		s.fit(b, additive.Options{Pairing: additive.Pairing{Count: 3, Rounds: 25}})
	}
}
