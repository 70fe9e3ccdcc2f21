package additive

import (
	"gonum.org/v1/gonum/mat"

	"github.com/churnwatch/churnwatch/model/logistic"
	"github.com/churnwatch/churnwatch/model/regression"
)

// layout places the slots of all terms in one coefficient vector and maps
// them to the free parameters of the fit. The coefficient vector is [base,
// slots of term 0, slots of term 1, ...]; the parameters leave out base
// (the fit's intercept), references and slots that training did not have.
type layout struct {
	bases []*basis
	// first is the index of each term's slot 0 in the coefficient vector.
	first []int
	size  int // coefficients, base included
	// free lists the coefficient of each parameter; parameter is the inverse,
	// -1 where there is none.
	free      []int
	parameter []int
}

// newLayout chooses knots and levels on the rows of d.
func newLayout(d *Design, opts Options) (*layout, *encoded) {
	l := &layout{size: 1}
	for j := range d.Columns {
		b := newBasis(d, &d.Columns[j], opts)
		l.bases = append(l.bases, b)
		l.first = append(l.first, l.size)
		l.size += b.term.Slots()
	}
	e := l.encode(d)
	sums := make([]float64, l.size)
	var total float64
	for i := range e.rows {
		w := d.weight(i)
		total += w
		for at := i * e.terms; at < (i+1)*e.terms; at++ {
			sums[e.slot[at]] += w * (1 - e.share[at])
			if e.share[at] > 0 {
				sums[e.slot[at]+1] += w * e.share[at]
			}
		}
	}
	l.parameter = make([]int, l.size)
	l.parameter[0] = -1
	for j, b := range l.bases {
		slots := sums[l.first[j] : l.first[j]+b.term.Slots()]
		b.settle(slots, total)
		for s := range slots {
			at := l.first[j] + s
			l.parameter[at] = -1
			if b.seen(s) && s != b.reference {
				l.parameter[at] = len(l.free)
				l.free = append(l.free, at)
			}
		}
	}
	return l, e
}

// encode finds the slots of every row of d, whose columns must be those of l.
func (l *layout) encode(d *Design) *encoded {
	e := &encoded{layout: l, rows: d.Rows(), terms: len(l.bases)}
	e.slot = make([]int32, e.rows*e.terms)
	e.share = make([]float64, e.rows*e.terms)
	for j, b := range l.bases {
		c := &d.Columns[j]
		for i := range e.rows {
			var v Value
			if c.Levels != nil {
				v.Level = c.Levels[i]
			} else {
				v.Number = c.Numbers[i]
			}
			slot, share := b.term.At(v)
			e.slot[i*e.terms+j] = int32(l.first[j] + slot)
			e.share[i*e.terms+j] = share
		}
	}
	return e
}

// penalty returns the penalty over the parameters and what it is centred on.
func (l *layout) penalty(strength Penalty) (*mat.SymDense, []float64) {
	p := mat.NewSymDense(len(l.free), nil)
	center := make([]float64, len(l.free))
	for j, b := range l.bases {
		square := make([][]float64, b.term.Slots())
		for s := range square {
			square[s] = make([]float64, len(square))
		}
		b.addPenalty(square, strength)
		for s, v := range b.center() {
			at := l.parameter[l.first[j]+s]
			if at < 0 {
				continue
			}
			center[at] = v
			for t := s; t < len(square); t++ {
				if other := l.parameter[l.first[j]+t]; other >= 0 {
					p.SetSym(at, other, square[s][t])
				}
			}
		}
	}
	return p, center
}

// encoded is a design in its sparse basis: for row i and term j the weight
// 1-share on coefficient slot and share on the next one.
type encoded struct {
	*layout
	rows, terms int
	slot        []int32
	share       []float64
}

var _ logistic.Design = (*encoded)(nil)

// Rows returns the number of rows.
func (e *encoded) Rows() int { return e.rows }

// Width returns the number of parameters without the intercept.
func (e *encoded) Width() int { return len(e.free) }

// Linear sets eta[i] to the row's sum over its slots.
func (e *encoded) Linear(b, eta []float64) {
	full := make([]float64, e.size+1) // one more, so that slot+1 always exists
	for k, at := range e.free {
		full[at] = b[k]
	}
	for i := range eta {
		var sum float64
		shares := e.share[i*e.terms : (i+1)*e.terms]
		for j, slot := range e.slot[i*e.terms : (i+1)*e.terms] {
			cell := full[slot : slot+2 : slot+2]
			sum += cell[0] + shares[j]*(cell[1]-cell[0])
		}
		eta[i] = sum
	}
}

// AddScore adds r [1, x_i] to s.
func (e *encoded) AddScore(i int, r float64, s []float64) {
	s[0] += r
	for at := i * e.terms; at < (i+1)*e.terms; at++ {
		e.addParameter(s, int(e.slot[at]), r*(1-e.share[at]))
		e.addParameter(s, int(e.slot[at])+1, r*e.share[at])
	}
}

func (e *encoded) addParameter(s []float64, coefficient int, v float64) {
	if v == 0 {
		return
	}
	if k := e.parameter[coefficient]; k >= 0 {
		s[k+1] += v
	}
}

// AddScores adds r_i [1, x_i] of every row to s.
func (e *encoded) AddScores(r, s []float64) {
	sums := e.sums(r)
	for k, at := range e.free {
		s[k+1] += sums[at]
	}
	for _, v := range r {
		s[0] += v
	}
}

// Moments returns the weighted moments of [x, z]. The basis lies in [0, 1],
// so sums of products that are centred afterwards keep their digits; the
// parameters' digits come from the score, which is summed row by row.
func (e *encoded) Moments(z, w []float64) (*regression.Moments, error) {
	products, sums := e.products(w), e.sums(w)
	weighted := make([]float64, len(w))
	for i, wi := range w {
		weighted[i] = wi * z[i]
	}
	response := e.sums(weighted)
	var total, zMean, zz float64
	rows := 0
	for i, wi := range w {
		if wi > 0 {
			rows++
			total += wi
			zMean += wi * z[i]
		}
	}
	zMean /= total
	for i, wi := range w {
		zz += wi * (z[i] - zMean) * (z[i] - zMean)
	}
	p := len(e.free)
	mean, second := make([]float64, p+1), mat.NewSymDense(p+1, nil)
	for k, a := range e.free {
		mean[k] = sums[a] / total
		for m, b := range e.free[k:] {
			second.SetSym(k, k+m, products[a*(e.size+1)+b]-mean[k]*sums[b])
		}
		second.SetSym(k, p, response[a]-sums[a]*zMean)
	}
	mean[p] = zMean
	second.SetSym(p, p, zz)
	return regression.MomentsFrom(rows, total, mean, second)
}

// nonzero lists the row's coefficients and weights in ascending order and
// returns their number.
func (e *encoded) nonzero(i int, index []int, weight []float64) int {
	n := 0
	for at := i * e.terms; at < (i+1)*e.terms; at++ {
		slot, share := int(e.slot[at]), e.share[at]
		index[n], weight[n] = slot, 1-share
		n++
		if share > 0 {
			index[n], weight[n] = slot+1, share
			n++
		}
	}
	return n
}
