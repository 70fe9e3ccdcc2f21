package hotspot_test

import (
	"errors"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/churnwatch/churnwatch/model/hotspot"
)

// drawGroup draws a whole of a few weeks and cells that lie in it.
func drawGroup(r *rapid.T) hotspot.Group {
	g := hotspot.Group{Outcome: hotspot.Outcome{Binary: true}}
	g.Outcome.Correlation[hotspot.Day] = rapid.SampledFrom([]float64{0, 0.001, 0.05}).Draw(r, "correlation")
	for range rapid.IntRange(1, 4).Draw(r, "strata") {
		n := rapid.Int64Range(50, 4000).Draw(r, "whole")
		g.Strata = append(g.Strata, part(0, n, rapid.Int64Range(1, n/4).Draw(r, "incidents")))
	}
	for range rapid.IntRange(1, 6).Draw(r, "cells") {
		var c hotspot.Cell
		for s, whole := range g.Strata {
			n := rapid.Int64Range(1, whole.N/3).Draw(r, "exposures")
			c.Parts = append(c.Parts, part(s, n, rapid.Int64Range(0, min(n, int64(whole.Sum))).Draw(r, "incidents")))
		}
		g.Cells = append(g.Cells, c)
	}
	return g
}

// part has n exposures on ten days.
func part(stratum int, n, incidents int64) hotspot.Part {
	p := hotspot.Part{Stratum: stratum, N: n, Sum: float64(incidents)}
	p.Links[hotspot.Day] = hotspot.Links{Members: n, Square: n * n / 10, Cross: n * n / 10}
	return p
}

func compare(t rapid.TB, g hotspot.Group) []hotspot.Comparison {
	t.Helper()
	out, err := g.Compare()
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestTheOrderOfCellsAndStrataDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		g := drawGroup(r)
		want := compare(r, g)
		slices.Reverse(g.Cells)
		for i := range g.Cells {
			slices.Reverse(g.Cells[i].Parts)
			for j := range g.Cells[i].Parts {
				g.Cells[i].Parts[j].Stratum = len(g.Strata) - 1 - g.Cells[i].Parts[j].Stratum
			}
		}
		slices.Reverse(g.Strata)
		got := compare(r, g)
		slices.Reverse(got)
		for i := range got {
			if math.Abs(got[i].LogP-want[i].LogP) > 1e-9*(1+math.Abs(want[i].LogP)) {
				r.Fatalf("cell %d: %v, was %v", i, got[i].LogP, want[i].LogP)
			}
		}
	})
}

func TestMoreIncidentsMakeACellWorse(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		g := drawGroup(r)
		before := compare(r, g)[0]
		p := &g.Cells[0].Parts[0]
		if int64(p.Sum) >= p.N || p.Sum >= g.Strata[0].Sum {
			return
		}
		p.Sum++
		after := compare(r, g)[0]
		if before.Comparable && after.Excess <= before.Excess {
			r.Fatalf("excess %v, was %v", after.Excess, before.Excess)
		}
		if before.Above && after.LogP > before.LogP+1e-9 {
			r.Fatalf("log p %v, was %v", after.LogP, before.LogP)
		}
	})
}

// Of independent exposures the expectation is the rate of all others, and the
// design effect what is not known of it: 1/(1-f) with a share f of the whole.
func TestACellIsLeftOutOfItsOwnExpectation(t *testing.T) {
	g := hotspot.Group{
		Outcome: hotspot.Outcome{Binary: true}, Strata: []hotspot.Part{{N: 1000, Sum: 100}},
		Cells: []hotspot.Cell{{Parts: []hotspot.Part{{N: 250, Sum: 40}}}},
	}
	c := compare(t, g)[0]
	if want := 60.0 / 750; math.Abs(c.Expected-want) > 1e-12 {
		t.Errorf("expected rate %v, want %v", c.Expected, want)
	}
	if want := 40 - 250*60.0/750; math.Abs(c.Excess-want) > 1e-9 {
		t.Errorf("excess %v, want %v", c.Excess, want)
	}
	if want := 1 / 0.75; math.Abs(c.Design-want) > 1e-12 {
		t.Errorf("design effect %v, want %v", c.Design, want)
	}
}

// A product that sold in the bad week only is compared with that week.
func TestABadWeekIsNotTheFaultOfWhatSoldInIt(t *testing.T) {
	g := hotspot.Group{
		Outcome: hotspot.Outcome{Binary: true}, Strata: []hotspot.Part{{N: 1000, Sum: 50}, {N: 1000, Sum: 400}},
		Cells: []hotspot.Cell{{Parts: []hotspot.Part{{Stratum: 1, N: 200, Sum: 80}}}},
	}
	if c := compare(t, g)[0]; math.Abs(c.Excess) > 1e-9 {
		t.Errorf("excess %v, want none", c.Excess)
	}
}

// Where all are alike, as orders that were never delivered all are late, there
// is nothing to compare, and it must not blur what the other strata say.
func TestAStratumWithoutVariationHasNoSay(t *testing.T) {
	g := hotspot.Group{
		Outcome: hotspot.Outcome{Binary: true}, Strata: []hotspot.Part{{N: 1000, Sum: 50}, {N: 1000, Sum: 1000}},
		Cells: []hotspot.Cell{{Parts: []hotspot.Part{{N: 200, Sum: 25}}}, {Parts: []hotspot.Part{{N: 200, Sum: 25}, {Stratum: 1, N: 300, Sum: 300}}}},
	}
	cells := compare(t, g)
	if cells[0].LogP != cells[1].LogP || math.Abs(cells[0].Excess-cells[1].Excess) > 1e-9 {
		t.Errorf("with it: %+v, without: %+v", cells[1], cells[0])
	}
	if want := 325.0 / 500; cells[1].Rate != want {
		t.Errorf("rate %v, want that of all exposures, %v", cells[1].Rate, want)
	}
}

func TestWhatCellAndRestShareDoesNotWidenTheirDifference(t *testing.T) {
	group := func(cross, square int64) hotspot.Group {
		whole := hotspot.Part{N: 1000, Sum: 100}
		whole.Links[hotspot.Batch] = hotspot.Links{Members: 1000, Square: 10 * 100 * 100}
		cell := hotspot.Part{N: 100, Sum: 20}
		cell.Links[hotspot.Batch] = hotspot.Links{Members: 100, Square: square, Cross: cross}
		g := hotspot.Group{Outcome: hotspot.Outcome{Binary: true}, Strata: []hotspot.Part{whole}, Cells: []hotspot.Cell{{Parts: []hotspot.Part{cell}}}}
		g.Outcome.Correlation[hotspot.Batch] = 0.05
		return g
	}
	// A tenth of each of ten batches, or one batch alone.
	spread := compare(t, group(100*100, 10*10*10))[0]
	lone := compare(t, group(100*100, 100*100))[0]
	if spread.Design > 1.12 {
		t.Errorf("spread over all batches: design effect %v", spread.Design)
	}
	if lone.Design < 1+0.05*99 {
		t.Errorf("one batch: design effect %v", lone.Design)
	}
}

func TestACellThatIsTheWholeCannotBeCompared(t *testing.T) {
	g := hotspot.Group{
		Outcome: hotspot.Outcome{Binary: true}, Strata: []hotspot.Part{{N: 100, Sum: 10}},
		Cells: []hotspot.Cell{{Parts: []hotspot.Part{{N: 100, Sum: 10}}}, {}},
	}
	for i, c := range compare(t, g) {
		if c.Comparable || c.LogP != 0 {
			t.Errorf("cell %d: %+v", i, c)
		}
	}
}

func TestCountsThatDoNotFitAreRefused(t *testing.T) {
	whole := []hotspot.Part{{N: 100, Sum: 10}}
	for name, c := range map[string]struct {
		group hotspot.Group
		want  error
	}{
		"stratum":     {hotspot.Group{Strata: whole, Cells: []hotspot.Cell{{Parts: []hotspot.Part{{Stratum: 1, N: 1}}}}}, hotspot.ErrShape},
		"exposures":   {hotspot.Group{Strata: whole, Cells: []hotspot.Cell{{Parts: []hotspot.Part{{N: 101}}}}}, hotspot.ErrValue},
		"sum":         {hotspot.Group{Strata: whole, Cells: []hotspot.Cell{{Parts: []hotspot.Part{{N: 1, Sum: math.NaN()}}}}}, hotspot.ErrValue},
		"correlation": {hotspot.Group{Strata: whole, Outcome: hotspot.Outcome{Correlation: [hotspot.Kinds]float64{1}}}, hotspot.ErrValue},
	} {
		if _, err := c.group.Compare(); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

// A supplier that is always late does not count as clustered by week, so it
// can't hide behind its own correlation.
func TestAnAlwaysLateSupplierDoesNotRaiseTheCorrelation(t *testing.T) {
	var clusters []hotspot.Cluster
	for s := range 20 {
		for w := range 13 {
			late := 8 + float64((s*5+w*3)%5) - 2
			if s == 0 {
				late *= 4
			}
			clusters = append(clusters, hotspot.Cluster{Parent: s, Stratum: w, N: 100, Sum: late, Squares: late})
		}
	}
	if r := hotspot.Correlation(clusters); r > 0.001 {
		t.Errorf("correlation %v", r)
	}
}

func TestTheCorrelationOfClustersIsFound(t *testing.T) {
	for _, want := range []float64{0, 0.02, 0.1} {
		units := plan{orders: 20_000, rate: 0.1, correlation: want}.shop(3)
		got := count(units, 0, days).groups[0].Outcome.Correlation
		if math.Abs(got[hotspot.Batch]-want) > 0.005+want/4 {
			t.Errorf("correlation %v, want %v", got[hotspot.Batch], want)
		}
		if got[hotspot.Day] > 0.005 || got[hotspot.Customer] > 0.01 {
			t.Errorf("correlation of days and customers %v, want none", got[1:])
		}
	}
}

// Customers with one exposure each say nothing, of two that are always alike
// everything.
func TestCustomersWhoAlwaysAnswerAlikeAreFullyCorrelated(t *testing.T) {
	alike := []hotspot.Sizes{{N: 2, Count: 50, Sum: 50, Squares: 50, SumSquares: 100}, {N: 1, Count: 10, Sum: 5, Squares: 5, SumSquares: 5}}
	if got := hotspot.CorrelationBySize(alike); got != 0 { // No variation within: it is not told from none.
		t.Errorf("correlation %v without variation within customers", got)
	}
	mostly := []hotspot.Sizes{{N: 2, Count: 100, Sum: 100, Squares: 100, SumSquares: 190}}
	if got := hotspot.CorrelationBySize(mostly); got < 0.7 || got > 0.9 {
		t.Errorf("correlation %v, want 0.8 of 45 pairs alike in 50", got)
	}
}
