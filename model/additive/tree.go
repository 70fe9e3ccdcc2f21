package additive

// sum is what the rows of a set of cells come to.
type sum struct{ weight, residual, information float64 }

func (s *sum) add(t sum) {
	s.weight += t.weight
	s.residual += t.residual
	s.information += t.information
}

func (s *sum) subtract(t sum) {
	s.weight -= t.weight
	s.residual -= t.residual
	s.information -= t.information
}

// value is the step that the rows ask for, in log-odds.
func (s *sum) value() float64 { return s.residual / (s.information + leafPrecision) }

// gain is about what the value takes off the deviance.
func (s *sum) gain() float64 { return s.residual * s.residual / (s.information + leafPrecision) }

// plane answers what any rectangle of cells comes to, by summed areas (Crow
// 1984): at holds the sums of all cells before a row and before a column.
type plane struct {
	at      []sum
	columns int // of cells, one less than those of at
}

func newPlane(cells []sum, rows, columns int) plane {
	p := plane{at: make([]sum, (rows+1)*(columns+1)), columns: columns}
	for r := range rows {
		var row sum
		for c := range columns {
			row.add(cells[r*columns+c])
			s := p.at[r*(columns+1)+c+1]
			s.add(row)
			p.at[(r+1)*(columns+1)+c+1] = s
		}
	}
	return p
}

// rectangle is a set of cells: rows [top, bottom), columns [left, right).
type rectangle struct{ top, bottom, left, right int }

func (p plane) sum(r rectangle) sum {
	n := p.columns + 1
	s := p.at[r.bottom*n+r.right]
	s.subtract(p.at[r.top*n+r.right])
	s.subtract(p.at[r.bottom*n+r.left])
	s.add(p.at[r.top*n+r.left])
	return s
}

// split is a rectangle and its best cut in two.
type split struct {
	whole, low, high rectangle
	gain             float64 // 0 where no cut pays
}

// best finds the cut of a rectangle that gains most, of equal ones the first.
func (p plane) best(r rectangle) split {
	out := split{whole: r}
	whole := p.sum(r)
	try := func(low, high rectangle) {
		s := p.sum(low)
		t := whole
		t.subtract(s)
		if s.weight < leastLeaf || t.weight < leastLeaf {
			return
		}
		if gain := s.gain() + t.gain() - whole.gain(); gain > out.gain+leastGain {
			out.low, out.high, out.gain = low, high, gain
		}
	}
	for cut := r.top + 1; cut < r.bottom; cut++ {
		try(rectangle{r.top, cut, r.left, r.right}, rectangle{cut, r.bottom, r.left, r.right})
	}
	for cut := r.left + 1; cut < r.right; cut++ {
		try(rectangle{r.top, r.bottom, r.left, cut}, rectangle{r.top, r.bottom, cut, r.right})
	}
	return out
}

// leastGain keeps rounding from deciding between cuts that are equal.
const leastGain = 1e-9

// grow returns the step that a tree of at most boostLeaves leaves takes, the
// split that gains most first.
func grow(cells []sum, rows, columns int) surface {
	p := newPlane(cells, rows, columns)
	leaves := []split{p.best(rectangle{0, rows, 0, columns})}
	for len(leaves) < boostLeaves {
		at := 0
		for k := range leaves {
			if leaves[k].gain > leaves[at].gain {
				at = k
			}
		}
		if leaves[at].gain <= 0 {
			break
		}
		chosen := leaves[at]
		leaves[at] = p.best(chosen.low)
		leaves = append(leaves, p.best(chosen.high))
	}
	step := make(surface, rows*columns)
	for _, l := range leaves {
		whole := p.sum(l.whole)
		v := boostRate * whole.value()
		for r := l.whole.top; r < l.whole.bottom; r++ {
			for c := l.whole.left; c < l.whole.right; c++ {
				step[r*columns+c] = v
			}
		}
	}
	return step
}
