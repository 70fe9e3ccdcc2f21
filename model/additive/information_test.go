package additive_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/churnwatch/churnwatch/model/additive"
)

// Reference, by hand: 400 rows, half of them with x = 1, and half of each
// churned, so that every row weighs 0.25. For the intercept and the value at
// x = 1, I = [[100, 50], [50, 50]] and, with one standard deviation of x being
// 0.5, P = diag(0, 200 / 4). So V = [[100, -50], [-50, 100]] / 7500; the row of
// x = 1 differs from the usual one by half of the value at 1, so that h'V h =
// 100/7500/4 and h'V P V h = 50 (100/7500)^2/4: two thirds are the prior's.
func TestTheDataShareIsTheRatioOfInformation(t *testing.T) {
	x, y := make([]float64, 400), make([]float64, 400)
	for i := range x {
		x[i], y[i] = float64(i%2), float64(i/2%2)
	}
	d := &additive.Design{Columns: []additive.Column{{Name: "x", Numbers: x}}}
	p, err := additive.Fit(d, y, additive.Options{Penalty: additive.Penalty{Slope: 200}})
	if err != nil {
		t.Fatal(err)
	}
	const rounding = 1e-3 // the directions are kept to five digits
	for _, v := range []float64{0, 1, 7} {
		closeTo(t, fmt.Sprintf("share at %v", v), p.DataShare(additive.Row{number(v)}), 1.0/3, rounding)
	}
	closeTo(t, "mean share", p.Training.DataShare, 1.0/3, 1e-9)
}

func TestMoreRowsMakeTheDataCountMore(t *testing.T) {
	last := 0.0
	for _, n := range []int{60, 240, 960, 3840, 15360} {
		s := simulate(n, 1, 5)
		s.Columns = s.Columns[:3] // levels would be pooled in the small ones
		p := s.fit(t, additive.Options{})
		if !(p.Training.DataShare > last && p.Training.DataShare < 1) {
			t.Errorf("%d rows: %.3f of the answer from data, with fewer %.3f", n, p.Training.DataShare, last)
		}
		last = p.Training.DataShare
		for i := range 20 {
			if share := p.DataShare(s.Row(i, nil)); !(share > 0 && share < 1) {
				t.Errorf("%d rows: share %v at row %d", n, share, i)
			}
		}
	}
	if last < 0.7 {
		t.Errorf("15,360 rows: only %.3f from data", last)
	}
}

func TestFewRowsTakeThePriorSlopeAndManyTheirOwn(t *testing.T) {
	const truth, prior = 0.5, 1.5 // log-odds per ticket
	for _, c := range []struct {
		rows      int
		low, high float64
	}{{80, 1.2, 1.6}, {40_000, 0.4, 0.65}} {
		s := simulate(c.rows, 1, 8)
		s.Columns[1].Prior, s.Columns[1].PriorDeviation = prior, 0.1
		p := s.fit(t, additive.Options{Penalty: additive.Penalty{Curvature: 30, Slope: 10}})
		at := func(tickets float64) float64 { return p.Terms[1].Contribution(number(tickets)) }
		if slope := (at(2) - at(0)) / 2; slope < c.low || slope > c.high {
			t.Errorf("%d rows: slope %.2f, want %.1f to %.1f (truth %v, prior %v)", c.rows, slope, c.low, c.high, truth, prior)
		}
	}
}

// A prior slope is per unit of the feature: in other units, the same fit.
func TestAPriorIsInTheUnitsOfItsFeature(t *testing.T) {
	a, b := simulate(300, 2, 9), simulate(300, 2, 9)
	for i := range b.Columns[1].Numbers {
		b.Columns[1].Numbers[i] *= 100
	}
	a.Columns[1].Prior, a.Columns[1].PriorDeviation = 0.9, 0.2
	b.Columns[1].Prior, b.Columns[1].PriorDeviation = 0.009, 0.002
	p, q := a.fit(t, additive.Options{}), b.fit(t, additive.Options{})
	for i := range 50 {
		closeTo(t, "log-odds", q.LogOdds(b.Row(i, nil)), p.LogOdds(a.Row(i, nil)), 1e-8)
		closeTo(t, "share", q.DataShare(b.Row(i, nil)), p.DataShare(a.Row(i, nil)), 1e-3)
	}
}

func TestAFaultyPriorIsRefused(t *testing.T) {
	for _, deviation := range []float64{-1, math.NaN(), math.Inf(1)} {
		s := simulate(100, 1, 1)
		s.Columns[1].PriorDeviation = deviation
		if _, err := additive.Fit(&s.Design, s.y, additive.Options{}); err == nil {
			t.Errorf("deviation %v was fitted", deviation)
		}
	}
}

func ExamplePredictor_DataShare() {
	late, churned := []float64{}, []float64{}
	for i := range 120 {
		late = append(late, float64(i%3))
		churned = append(churned, float64(i/3%2))
	}
	d := &additive.Design{Columns: []additive.Column{{Name: "late deliveries", Numbers: late, Prior: 0.3, PriorDeviation: 0.2}}}
	p, err := additive.Fit(d, churned, additive.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	share := p.DataShare(additive.Row{{Number: 2}})
	fmt.Printf("%.0f %% data, %.0f %% prior\n", 100*share, 100*(1-share))
	// Output: 17 % data, 83 % prior
}

// Whatever is left out, the share is one of the exact shares' range: at rows
// that training hardly had too.
func TestTheShareAtAnOddRowIsNoLessThanInAnyDirection(t *testing.T) {
	s := simulate(900, 2, 11)
	p := s.fit(t, additive.Options{})
	least := 1.0
	for _, prior := range p.Information.Prior {
		least = min(least, 1-prior)
	}
	for i := range 200 {
		row := s.Row(i, nil)
		for j := range row {
			row[j].Number *= 40
		}
		if share := p.DataShare(row); !(share >= least && share <= 1) || share == 0 {
			t.Errorf("row %d far out: %v from data, in no direction less than %v", i, share, least)
		}
	}
}
