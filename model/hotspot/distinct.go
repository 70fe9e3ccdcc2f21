package hotspot

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
)

// Role is what a cell is once others are allowed for.
type Role struct {
	// Shadow is the index of the cell whose departure explains this one, -1
	// for a cell that stands for itself.
	Shadow int
	// Echo says that it does not pass any more, with no cell to point at: it
	// was compared with others that hold a cell which departs on the other
	// side, or it passed by little.
	Echo bool
}

// Distinct tells cells that stand for themselves from their shadows: the
// products of a bad supplier, the category that one bad product is in, and the
// other suppliers, which look good beside it.
//
// Cells are of one outcome; overlap[i][j] is the exposures that lie in both i
// and j, overlap[i][i] those of i. Forward: the cell with the least p-value
// stands for itself; the departures d of those that do are fitted together by
// least squares,
//
//	within_i = sum_j (n_ij - f_i n_j) d_j,  f_i = 1 - info_i/n_i
//
// and each other cell is judged again on what they leave of its excess. One
// that no longer passes logCutoff on its own side does not stand for itself: it
// is a shadow of a cell that it overlaps and that explains at least half of its
// excess, else an echo. The returned comparisons are the judgements that decided, in the order of cells.
//
// It returns ErrShape for an overlap of another size.
func Distinct(cells []Comparison, overlap [][]int64, logCutoff float64) ([]Role, []Comparison, error) {
	if len(overlap) != len(cells) {
		return nil, nil, fmt.Errorf("overlap of %d cells, want %d: %w", len(overlap), len(cells), ErrShape)
	}
	for i := range overlap {
		if len(overlap[i]) != len(cells) {
			return nil, nil, fmt.Errorf("overlap of cell %d with %d cells, want %d: %w", i, len(overlap[i]), len(cells), ErrShape)
		}
	}
	d := distinction{cells: cells, overlap: overlap, judged: append([]Comparison(nil), cells...), roles: make([]Role, len(cells)), open: make([]bool, len(cells))}
	for i, c := range cells {
		d.open[i] = c.Comparable
		d.roles[i].Shadow = -1
	}
	for {
		best := d.next()
		if best < 0 {
			return d.roles, d.judged, nil
		}
		d.open[best] = false
		d.picks = append(d.picks, best)
		if err := d.refit(); err != nil {
			return nil, nil, err
		}
		d.explain(logCutoff)
	}
}

type distinction struct {
	cells, judged []Comparison
	overlap       [][]int64
	roles         []Role
	open          []bool
	picks         []int
	departures    []float64
}

// next returns the open cell with the least p-value, -1 for none. Ties, also
// of p-values that underflow, go to the larger excess, then to the first.
func (d *distinction) next() int {
	best := -1
	for i, c := range d.judged {
		if !d.open[i] {
			continue
		}
		if best < 0 || c.LogP < d.judged[best].LogP ||
			c.LogP == d.judged[best].LogP && math.Abs(c.Excess) > math.Abs(d.judged[best].Excess) {
			best = i
		}
	}
	return best
}

// leverage is what a unit of j's departure adds to the excess of i.
func (d *distinction) leverage(i, j int) float64 {
	c := d.cells[i]
	if i == j {
		return c.info
	}
	f := 1 - c.info/float64(c.tested.N)
	return (float64(d.overlap[i][j]) - f*float64(d.cells[j].N)) * float64(c.tested.N) / float64(c.N)
}

// refit fits the departures of all picks together. A pick that the others
// already are is left at nothing by the ridge.
func (d *distinction) refit() error {
	k := len(d.picks)
	a, b := mat.NewDense(k, k, nil), mat.NewVecDense(k, nil)
	for r, i := range d.picks {
		for c, j := range d.picks {
			a.Set(r, c, d.leverage(i, j))
		}
		a.Set(r, r, a.At(r, r)*(1+1e-9))
		b.SetVec(r, d.cells[i].within)
	}
	var x mat.VecDense
	if err := x.SolveVec(a, b); err != nil && !wellEnough(err) {
		return fmt.Errorf("fit %d departures together: %w", k, err)
	}
	d.departures = append(d.departures[:0], x.RawVector().Data...)
	return nil
}

// wellEnough reports whether a solution is only badly conditioned.
func wellEnough(err error) bool {
	condition, ok := err.(mat.Condition) //nolint:errorlint // gonum returns it bare
	return ok && !math.IsInf(float64(condition), 0)
}

// explain judges the open cells on what the picks leave of their excess.
func (d *distinction) explain(logCutoff float64) {
	for i, c := range d.cells {
		if !d.open[i] {
			continue
		}
		left, most, by := c.within, 0.0, -1
		for k, j := range d.picks {
			part := d.leverage(i, j) * d.departures[k]
			left -= part
			if part*c.within > 0 && math.Abs(part) > most {
				most, by = math.Abs(part), k
			}
		}
		d.judged[i] = c.at(left)
		if d.judged[i].LogP <= logCutoff && d.judged[i].Above == c.Above {
			continue
		}
		d.open[i] = false
		d.roles[i] = Role{Shadow: -1, Echo: true}
		if by >= 0 && d.leverage(i, d.picks[by]) > 0 && most >= math.Abs(c.within)/2 {
			d.roles[i] = Role{Shadow: d.picks[by]}
		}
	}
}
