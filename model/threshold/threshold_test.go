package threshold_test

import (
	"errors"
	"math"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/churnwatch/churnwatch/model/threshold"
)

// three is one cutoff of three customers, counted by hand: with an effect of
// 0.5 and a cost of 10 a contact of the first brings 0.8 x 0.5 x 100 / 10 = 4
// times its cost, of the second 0.6 x 0.5 x 20 / 10 = 0.6, of the third
// 0.2 x 0.5 x 300 / 10 = 3.
func three() threshold.Cutoff {
	return threshold.Cutoff{
		Customer: []int{1, 2, 3}, Probability: []float64{0.8, 0.6, 0.2},
		AtStake: []float64{100, 20, 300}, Churned: []bool{true, true, false},
	}
}

func TestNetsAreThoseCountedByHand(t *testing.T) {
	e := threshold.Economics{Effect: 0.5, Cost: 10}
	for _, c := range []struct {
		name      string
		policy    threshold.Policy
		capacity  int
		contacted float64
		net       float64
	}{
		{"a return of 1 contacts the first and the third", threshold.Policy{Least: 1}, 0, 2, 0.5*100 - 20},
		{"a return of 3.5 the first", threshold.Policy{Least: 3.5}, 0, 1, 0.5*100 - 10},
		{"a probability of 0.5 the first and the second", threshold.Policy{By: threshold.ByProbability, Least: 0.5}, 0, 2, 0.5*120 - 20},
		{"everybody", threshold.Everybody(), 0, 3, 0.5*120 - 30},
		{"everybody there is room for", threshold.Everybody(), 2, 2, 0.5*100 - 20},
		{"nobody", threshold.Nobody(), 0, 0, 0},
	} {
		e.Capacity = c.capacity
		j, err := threshold.Judge([]threshold.Cutoff{three()}, [][]threshold.Policy{{c.policy}}, e, threshold.Options{Resamples: 10})
		if err != nil {
			t.Fatal(err)
		}
		if got := j.Of(0); got.Contacted != c.contacted || math.Abs(got.Net.Value-c.net) > 1e-12 {
			t.Errorf("%s: %v contacted, net %v; want %v and %v", c.name, got.Contacted, got.Net.Value, c.contacted, c.net)
		}
	}
	if got := e.BreakEven(100); got != 0.2 {
		t.Errorf("break-even at %v of 100, want 0.2", got)
	}
	if got := e.BreakEven(0); !math.IsInf(got, 1) {
		t.Errorf("break-even at %v where nothing is at stake", got)
	}
}

func TestBadInputIsRefused(t *testing.T) {
	fine := threshold.Economics{Effect: 0.1, Cost: 1}
	plans := [][]threshold.Policy{{{Least: 1}}}
	for _, c := range []struct {
		name  string
		spoil func(*threshold.Cutoff, *threshold.Economics)
		want  error
	}{
		{"a missing amount", func(c *threshold.Cutoff, _ *threshold.Economics) { c.AtStake = c.AtStake[1:] }, threshold.ErrShape},
		{"a probability above 1", func(c *threshold.Cutoff, _ *threshold.Economics) { c.Probability[0] = 1.1 }, threshold.ErrValue},
		{"an amount that is no number", func(c *threshold.Cutoff, _ *threshold.Economics) { c.AtStake[1] = math.NaN() }, threshold.ErrValue},
		{"a negative weight", func(c *threshold.Cutoff, _ *threshold.Economics) { c.Weight = []float64{1, -1, 1} }, threshold.ErrValue},
		{"no cost", func(_ *threshold.Cutoff, e *threshold.Economics) { e.Cost = 0 }, threshold.ErrValue},
		{"an effect above 1", func(_ *threshold.Cutoff, e *threshold.Economics) { e.Effect = 1.5 }, threshold.ErrValue},
	} {
		cutoff, e := three(), fine
		c.spoil(&cutoff, &e)
		if _, err := threshold.Judge([]threshold.Cutoff{cutoff}, plans, e, threshold.Options{}); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
	if _, err := threshold.Choose(nil, fine, threshold.Options{}); !errors.Is(err, threshold.ErrShape) {
		t.Errorf("no cutoff: %v", err)
	}
	if _, err := threshold.Judge([]threshold.Cutoff{three()}, [][]threshold.Policy{{}}, fine, threshold.Options{}); !errors.Is(err, threshold.ErrShape) {
		t.Errorf("a plan without a policy: %v", err)
	}
}

func drawn(t *rapid.T) threshold.Cutoff {
	n := rapid.IntRange(1, 40).Draw(t, "rows")
	var c threshold.Cutoff
	for i := range n {
		c.Customer = append(c.Customer, i)
		c.Tie = append(c.Tie, uint64(i))
		c.Probability = append(c.Probability, rapid.Float64Range(0, 1).Draw(t, "probability"))
		c.AtStake = append(c.AtStake, rapid.Float64Range(0, 1000).Draw(t, "at stake"))
		c.Churned = append(c.Churned, rapid.Bool().Draw(t, "churned"))
	}
	return c
}

// Net values are money: in another currency they are as many times larger. The
// order of the rows says nothing, a weight is as many rows, and the capacity
// binds.
func TestNetsAreMoneyWhateverTheOrderOfTheRows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := drawn(t)
		e := threshold.Economics{
			Effect: rapid.Float64Range(0.01, 1).Draw(t, "effect"), Cost: rapid.Float64Range(0.1, 50).Draw(t, "cost"),
			Capacity: rapid.IntRange(0, 10).Draw(t, "capacity"),
		}
		net := func(c threshold.Cutoff, e threshold.Economics) []float64 {
			plans := [][]threshold.Policy{{{Least: 1}}, {{By: threshold.ByProbability, Least: 0.5}}, {threshold.Everybody()}}
			j, err := threshold.Judge([]threshold.Cutoff{c}, plans, e, threshold.Options{Resamples: 5})
			if err != nil {
				t.Fatal(err)
			}
			var out []float64
			for k := range plans {
				o := j.Of(k)
				if e.Capacity > 0 && o.Contacted > float64(e.Capacity) {
					t.Fatalf("%v contacted, room for %d", o.Contacted, e.Capacity)
				}
				out = append(out, o.Net.Value)
			}
			return out
		}
		want := net(c, e)
		near := cmpopts.EquateApprox(1e-9, 1e-6)

		turned := threshold.Cutoff{}
		for i := range slices.Backward(c.Customer) {
			turned.Customer, turned.Tie = append(turned.Customer, c.Customer[i]), append(turned.Tie, c.Tie[i])
			turned.Probability, turned.AtStake = append(turned.Probability, c.Probability[i]), append(turned.AtStake, c.AtStake[i])
			turned.Churned = append(turned.Churned, c.Churned[i])
		}
		if diff := cmp.Diff(want, net(turned, e), near); diff != "" {
			t.Errorf("in another order:\n%s", diff)
		}

		dear, money := e, c
		dear.Cost, money.AtStake = 4*e.Cost, make([]float64, len(c.AtStake))
		scaled := make([]float64, len(want))
		for i, v := range c.AtStake {
			money.AtStake[i] = 4 * v
		}
		for i, v := range want {
			scaled[i] = 4 * v
		}
		if diff := cmp.Diff(scaled, net(money, dear), near); diff != "" {
			t.Errorf("in another currency:\n%s", diff)
		}

		double, room := c, e
		room.Capacity = 2 * e.Capacity
		for range c.Customer {
			double.Weight = append(double.Weight, 2)
		}
		twice := make([]float64, len(want))
		for i, v := range want {
			twice[i] = 2 * v
		}
		if diff := cmp.Diff(twice, net(double, room), near); diff != "" {
			t.Errorf("every row twice:\n%s", diff)
		}
	})
}

func TestTheChoiceDoesNotDependOnThreads(t *testing.T) {
	cutoffs := newShop(3, 500, 0).cutoffs(2, 0)
	e := threshold.Economics{Effect: 0.2, Cost: 4}
	one, err := threshold.Choose(cutoffs, e, threshold.Options{Resamples: 50, Seed: 1, Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	two, err := threshold.Choose(cutoffs, e, threshold.Options{Resamples: 50, Seed: 1, Threads: 3})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(one, two); diff != "" {
		t.Error(diff)
	}
}

// Where probabilities are right the choice stays at a return of 1 or near it;
// where they are three times too high in the odds a contact must promise more.
func TestTheChoiceMovesOnlyWhereProbabilitiesAreOff(t *testing.T) {
	e := threshold.Economics{Effect: 0.2, Cost: 4}
	for _, c := range []struct {
		name      string
		shift     float64
		low, high float64
	}{{"right", 0, 0.7, 1.4}, {"too high", 1.6, 1.4, 16}} {
		choice, err := threshold.Choose(newShop(5, 6000, c.shift).cutoffs(3, 0.1), e, threshold.Options{Resamples: 200, Seed: 1})
		if err != nil {
			t.Fatal(err)
		}
		if got := choice.Least; got.Value < c.low || got.Value > c.high || got.Low > got.Value || got.High < got.Value {
			t.Errorf("probabilities %s: least return %v [%v, %v], want %v to %v", c.name, got.Value, got.Low, got.High, c.low, c.high)
		}
		if len(choice.Curve) != len(threshold.Returns()) {
			t.Errorf("a curve of %d points", len(choice.Curve))
		}
	}
}
