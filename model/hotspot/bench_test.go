package hotspot_test

import (
	"testing"

	"github.com/churnwatch/churnwatch/model/hotspot"
)

func BenchmarkCompareAndAdjust100000Cells(b *testing.B) {
	const cells = 100_000
	g := hotspot.Group{Outcome: hotspot.Outcome{Binary: true}}
	g.Outcome.Correlation[hotspot.Day] = 0.01
	for range 13 {
		g.Strata = append(g.Strata, part(0, 500_000, 40_000))
	}
	for i := range cells {
		var c hotspot.Cell
		for s := range g.Strata {
			n := int64(5 + i%60)
			c.Parts = append(c.Parts, part(s, n, n/12))
		}
		g.Cells = append(g.Cells, c)
	}
	logs := make([]float64, cells)
	b.ReportAllocs()
	for b.Loop() {
		comparisons, err := g.Compare()
		if err != nil {
			b.Fatal(err)
		}
		for i, c := range comparisons {
			logs[i] = c.LogP
		}
		if _, err := hotspot.Adjust(logs); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkFitPrior10000Cells(b *testing.B) {
	g := hotspot.Group{Outcome: hotspot.Outcome{Binary: true}, Strata: []hotspot.Part{part(0, 10_000_000, 800_000)}}
	for i := range 10_000 {
		n := int64(50 + i%500)
		g.Cells = append(g.Cells, hotspot.Cell{Parts: []hotspot.Part{part(0, n, n*int64(6+i%5)/100)}})
	}
	cells, err := g.Compare()
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		hotspot.FitPrior(cells)
	}
}
