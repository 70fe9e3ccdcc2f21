package additive

import (
	"slices"
	"sort"
)

// grid is a design cut into the cells of pairs: one axis a column, and the
// cell of every row on it.
type grid struct {
	axes  []Axis
	cells [][]uint8 // by column, then row
}

// newGrid chooses the cuts on the rows of d; levels are those of the terms.
func newGrid(d *Design, l *layout, cells int) *grid {
	g := &grid{}
	for j := range d.Columns {
		t := &l.bases[j].term
		a := Axis{Term: t.Name, Kind: t.Kind}
		if a.Kind == Category {
			a.Levels = slices.Clone(mostFrequent(t.Levels, l.bases[j].share, mostCells-2))
		} else {
			a.Cuts = quantileCuts(d, d.Columns[j].Numbers, cells)
		}
		g.axes = append(g.axes, a)
	}
	g.cells = g.cellsOf(d)
	return g
}

// mostCells is the most cells of an axis, so that they fit a byte with room.
const mostCells = 255

// mostFrequent returns the count levels of the largest shares, sorted; of
// equal ones the first.
func mostFrequent(levels []string, share []float64, count int) []string {
	if len(levels) <= count {
		return levels
	}
	order := make([]int, len(levels))
	for i := range order {
		order[i] = i
	}
	sort.SliceStable(order, func(a, b int) bool { return share[order[a]] > share[order[b]] })
	kept := make([]string, 0, count)
	for _, i := range order[:count] {
		kept = append(kept, levels[i])
	}
	slices.Sort(kept)
	return kept
}

// cellsOf finds the cell of every row of a design with the grid's columns.
func (g *grid) cellsOf(d *Design) [][]uint8 {
	out := make([][]uint8, len(g.axes))
	for j := range g.axes {
		a, c := &g.axes[j], &d.Columns[j]
		out[j] = make([]uint8, d.Rows())
		for i := range out[j] {
			var v Value
			if c.Levels != nil {
				v.Level = c.Levels[i]
			} else {
				v.Number = c.Numbers[i]
			}
			out[j][i] = uint8(a.Cell(v))
		}
	}
	return out
}

// quantileCuts returns at most cells-1 strictly increasing cuts, each a value
// of the rows: every value but the least where they are few, otherwise those
// at even quantiles, in which no value counts for more than one share in cells.
func quantileCuts(d *Design, numbers []float64, cells int) []float64 {
	values, weights := distinct(d, numbers)
	if len(values) <= cells {
		return slices.Clone(values[1:])
	}
	var total float64
	for _, w := range weights {
		total += w
	}
	most := total / float64(cells)
	cumulative := make([]float64, len(values))
	var sum float64
	for i, w := range weights {
		sum += min(w, most)
		cumulative[i] = sum
	}
	var cuts []float64
	for k := 1; k < cells; k++ {
		at := sort.SearchFloat64s(cumulative, sum*float64(k)/float64(cells)) + 1
		if at < len(values) && (len(cuts) == 0 || values[at] > cuts[len(cuts)-1]) {
			cuts = append(cuts, values[at])
		}
	}
	return cuts
}

// couple is a pair of columns, by their places.
type couple struct{ first, second int }

// size returns the number of cells of a couple.
func (g *grid) size(c couple) int { return g.axes[c.first].Cells() * g.axes[c.second].Cells() }

// surface is one number a cell of a couple, row by row.
type surface []float64

// add adds the surface to the sums of rows that lie in the given cells.
func (g *grid) add(s surface, c couple, cells [][]uint8, sums []float64) {
	columns := g.axes[c.second].Cells()
	first, second := cells[c.first], cells[c.second]
	for i := range sums {
		sums[i] += s[int(first[i])*columns+int(second[i])]
	}
}

// weights returns the rows' weight in each cell of a couple.
func (g *grid) weights(c couple, d *Design) surface {
	out := make(surface, g.size(c))
	columns := g.axes[c.second].Cells()
	for i := range d.Rows() {
		out[int(g.cells[c.first][i])*columns+int(g.cells[c.second][i])] += d.weight(i)
	}
	return out
}

// sweeps is how often rows and columns are centred in turn; each leaves less
// by a factor. For a screening few are enough.
const (
	sweeps          = 60
	screeningSweeps = 3
)

// purify takes the weighted means of rows and of columns out of a surface, in
// turn until none is left to speak of, and sets cells without weight to 0: what
// one feature says alone belongs in its term (Lengerich et al. 2020).
func purify(s, weights surface, columns, times int) {
	rows := len(s) / columns
	center := func(from, step, count int) {
		var sum, total float64
		for k := range count {
			at := from + k*step
			sum += weights[at] * s[at]
			total += weights[at]
		}
		if total == 0 {
			return
		}
		for k := range count {
			s[from+k*step] -= sum / total
		}
	}
	for range times {
		for r := range rows {
			center(r*columns, 1, columns)
		}
		for c := range columns {
			center(c, columns, rows)
		}
	}
	for i, w := range weights {
		if w == 0 {
			s[i] = 0
		}
	}
}
