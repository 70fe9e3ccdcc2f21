package additive_test

import (
	"errors"
	"math"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/churnwatch/churnwatch/model/additive"
)

// byCustomer puts all rows of a customer in one of k folds.
func byCustomer(s sample, k int) []additive.Fold {
	folds := make([]additive.Fold, k)
	for i, c := range s.Cluster {
		for f := range folds {
			if c%k == f {
				folds[f].Test = append(folds[f].Test, i)
			} else {
				folds[f].Train = append(folds[f].Train, i)
			}
		}
	}
	return folds
}

func choose(t tester, s sample, folds []additive.Fold, grid []additive.Penalty, opts additive.ChooseOptions) *additive.Choice {
	t.Helper()
	c, err := additive.Choose(&s.Design, s.y, folds, grid, opts)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestChooseTakesTheLeastHeldOutLoss(t *testing.T) {
	s := simulate(900, 3, 4)
	c := choose(t, s, byCustomer(s, 3), nil, additive.ChooseOptions{})
	if len(c.Trials) != len(additive.DefaultGrid()) {
		t.Errorf("%d trials", len(c.Trials))
	}
	var chosen additive.Trial
	for g, trial := range c.Trials {
		if trial.Penalty == c.Penalty {
			chosen = trial
		}
		if g > 0 && trial.Penalty.Slope > c.Trials[g-1].Penalty.Slope {
			t.Errorf("trial %d is stronger than the one before", g)
		}
	}
	for _, trial := range c.Trials {
		if trial.Loss < chosen.Loss-1e-6 {
			t.Errorf("%+v beats the chosen %+v", trial, chosen)
		}
	}
	if chosen.StandardError != 0 {
		t.Errorf("the best differs from itself by %v", chosen.StandardError)
	}
}

func TestSignalWantsAWeakerPenaltyThanNoise(t *testing.T) {
	signal, noise := simulate(3000, 1, 4), simulate(3000, 1, 4)
	noise.Columns = nil
	for j := range 10 {
		noise.Columns = append(noise.Columns, additive.Column{Name: strconv.Itoa(j), Numbers: simulate(3000, 1, uint64(50+j)).Columns[2].Numbers})
	}
	grid := []additive.Penalty{{Curvature: 1, Slope: 1}, {Curvature: 1, Slope: 10000}}
	if c := choose(t, signal, byCustomer(signal, 3), grid, additive.ChooseOptions{}); c.Penalty.Slope != 1 {
		t.Errorf("signal chose %+v: %+v", c.Penalty, c.Trials)
	}
	if c := choose(t, noise, byCustomer(noise, 3), grid, additive.ChooseOptions{}); c.Penalty.Slope != 10000 {
		t.Errorf("noise chose %+v: %+v", c.Penalty, c.Trials)
	}
}

func TestWorkersDoNotChangeTheChoice(t *testing.T) {
	s := simulate(600, 2, 7)
	one := choose(t, s, byCustomer(s, 4), nil, additive.ChooseOptions{Workers: 1})
	four := choose(t, s, byCustomer(s, 4), nil, additive.ChooseOptions{Workers: 4})
	if diff := cmp.Diff(one, four, cmpopts.IgnoreUnexported(additive.Choice{})); diff != "" {
		t.Error(diff)
	}
}

func TestTiesGoToTheStronger(t *testing.T) {
	s := simulate(400, 1, 7)
	s.Columns = s.Columns[1:2]
	for i := range s.y {
		s.Columns[0].Numbers[i] = 1 // nothing varies: all penalties are alike
	}
	grid := []additive.Penalty{{Curvature: 1, Slope: 2}, {Curvature: 9, Slope: 5}, {Curvature: 1, Slope: 5}}
	c := choose(t, s, byCustomer(s, 2), grid, additive.ChooseOptions{})
	if diff := cmp.Diff(additive.Penalty{Curvature: 9, Slope: 5}, c.Penalty); diff != "" {
		t.Error(diff)
	}
}

func TestOneStandardErrorIsNeverWeaker(t *testing.T) {
	s := simulate(700, 2, 11)
	best := choose(t, s, byCustomer(s, 4), nil, additive.ChooseOptions{})
	firm := choose(t, s, byCustomer(s, 4), nil, additive.ChooseOptions{OneStandardError: true})
	place := func(c *additive.Choice) int {
		for g, trial := range c.Trials {
			if trial.Penalty == c.Penalty {
				return g
			}
		}
		return -1
	}
	if place(firm) > place(best) {
		t.Errorf("one standard error chose %+v after %+v", firm.Penalty, best.Penalty)
	}
}

func TestHeldOutLogOddsAreThoseOfAFitOnTheFoldsRows(t *testing.T) {
	s := simulate(600, 1, 3)
	folds := byCustomer(s, 3)
	grid := []additive.Penalty{{Curvature: 3, Slope: 10}}
	c := choose(t, s, folds, grid, additive.ChooseOptions{})
	for f, fold := range folds {
		p := s.reordered(fold.Train).fit(t, additive.Options{Penalty: grid[0]})
		for k, i := range fold.Test {
			closeTo(t, "held-out log-odds", c.HeldOut[f][k], p.LogOdds(s.Row(i, nil)), 1e-5)
		}
	}
}

func TestHeldOutRowsDoNotTouchTheFit(t *testing.T) {
	s, other := simulate(600, 1, 3), simulate(600, 1, 3)
	fold := []additive.Fold{{}}
	for i := range s.y {
		if i < 400 {
			fold[0].Train = append(fold[0].Train, i)
			continue
		}
		other.y[i] = 1 - other.y[i]
		if i < 500 {
			fold[0].Test = append(fold[0].Test, i)
		} else {
			other.Columns[0].Numbers[i] = 1e6
		}
	}
	grid := []additive.Penalty{{Curvature: 3, Slope: 10}}
	a, b := choose(t, s, fold, grid, additive.ChooseOptions{}), choose(t, other, fold, grid, additive.ChooseOptions{})
	if diff := cmp.Diff(a.HeldOut, b.HeldOut); diff != "" {
		t.Error(diff)
	}
}

func TestFaultyFoldsAreRefused(t *testing.T) {
	s := simulate(100, 1, 1)
	all := byCustomer(s, 2)
	var one []int
	for i, v := range s.y {
		if v == 1 {
			one = append(one, i)
		}
	}
	for name, c := range map[string]struct {
		folds []additive.Fold
		grid  []additive.Penalty
		opts  additive.ChooseOptions
		want  error
	}{
		"none":                    {nil, nil, additive.ChooseOptions{}, additive.ErrInput},
		"nothing to judge":        {[]additive.Fold{{Train: all[0].Train}}, nil, additive.ChooseOptions{}, additive.ErrInput},
		"no such row":             {[]additive.Fold{{Train: all[0].Train, Test: []int{100}}}, nil, additive.ChooseOptions{}, additive.ErrInput},
		"one class to fit":        {[]additive.Fold{{Train: one, Test: all[0].Test}}, nil, additive.ChooseOptions{}, additive.ErrOneClass},
		"penalty without a ridge": {all, []additive.Penalty{{Curvature: 1}}, additive.ChooseOptions{}, additive.ErrInput},
		"stop":                    {all, nil, additive.ChooseOptions{Options: additive.Options{Stop: func() bool { return true }}}, additive.ErrStopped},
	} {
		if _, err := additive.Choose(&s.Design, s.y, c.folds, c.grid, c.opts); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", name, err, c.want)
		}
	}
}

func TestTheEndOfThePathIsTheFitOfItsPenalty(t *testing.T) {
	s := simulate(900, 1, 6)
	for i := range s.y {
		s.Weight = append(s.Weight, 0.5+float64(i%3))
	}
	folds := byCustomer(s, 3)
	c := choose(t, s, folds, nil, additive.ChooseOptions{})
	for f, fold := range folds {
		p := s.reordered(fold.Train).fit(t, additive.Options{Penalty: c.Penalty})
		for k, i := range fold.Test {
			closeTo(t, "held-out log-odds", c.HeldOut[f][k], p.LogOdds(s.Row(i, nil)), 1e-4)
		}
	}
}

// A fold may hold only rows whose value is missing.
func TestAPriorSlopeOutlivesAFoldThatSeesNoValue(t *testing.T) {
	s := simulate(400, 1, 8)
	s.Columns[1].Prior, s.Columns[1].PriorDeviation = 0.5, 0.1
	fold := additive.Fold{}
	for i := range s.y {
		if i < 300 {
			s.Columns[1].Numbers[i] = math.NaN()
			fold.Train = append(fold.Train, i)
		} else {
			fold.Test = append(fold.Test, i)
		}
	}
	choice, err := additive.Choose(&s.Design, s.y, []additive.Fold{fold}, additive.DefaultGrid(), additive.ChooseOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, logOdds := range choice.HeldOut[0] {
		if math.IsNaN(logOdds) || math.IsInf(logOdds, 0) {
			t.Fatalf("held out log-odds %v", logOdds)
		}
	}
}
