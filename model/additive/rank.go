package additive

import (
	"cmp"
	"slices"
)

// rankCouples returns the couples of columns by what a surface over them could
// explain of the working residuals r beyond what is additive in them, most
// first, ties in order of the columns:
//
//	sum over cells G^2 / (W + 1)
//
// with G the residuals summed over a cell, less the additive part, and W the
// summed working weights. This is the screening of Lou, Caruana, Gehrke and
// Hooker (2013), on all cells at once. Couples of many cells explain more by
// chance as well; whether the first ones pay is for [ChoosePairs] to say.
func (g *grid) rankCouples(r, w []float64) []couple {
	type ranked struct {
		couple
		gain float64
	}
	var all []ranked
	for a := range g.axes {
		for b := a + 1; b < len(g.axes); b++ {
			c := couple{a, b}
			all = append(all, ranked{c, g.explained(c, r, w)})
		}
	}
	slices.SortStableFunc(all, func(a, b ranked) int { return cmp.Compare(b.gain, a.gain) })
	out := make([]couple, len(all))
	for i, c := range all {
		out[i] = c.couple
	}
	return out
}

// explained returns what a couple's cells explain beyond its rows and columns.
func (g *grid) explained(c couple, r, w []float64) (gain float64) {
	columns := g.axes[c.second].Cells()
	first, second := g.cells[c.first], g.cells[c.second]
	mean, weight := make(surface, g.size(c)), make(surface, g.size(c))
	for i, v := range r {
		at := int(first[i])*columns + int(second[i])
		mean[at] += v
		weight[at] += w[i]
	}
	for at, total := range weight {
		if total > 0 {
			mean[at] /= total
		}
	}
	purify(mean, weight, columns, screeningSweeps)
	for at, total := range weight {
		v := mean[at] * total
		gain += v * v / (total + 1)
	}
	return gain
}
