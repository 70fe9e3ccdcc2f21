package regression

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/mat"
)

// chunk is the number of rows that are centred and multiplied at once. It is
// part of the result's bits: change it and the last digits change.
const chunk = 256

// Moments are the weight, means and centred second moments of rows [x, y]:
//
//	W = sum w,  mean = sum w z / W,  S = sum w (z-mean)(z-mean)',  z = [x, y]
//
// Rows are collected in chunks of a fixed size, each centred on its own mean
// (two passes), and chunks are merged pairwise (Chan, Golub and LeVeque 1983,
// Am. Stat. 37(3)); everything is counted from the first row, so that large
// means cost no digits. The same
// rows in the same order give the same bits. Not safe for concurrent use:
// give each goroutine its own and merge them in a fixed order.
type Moments struct {
	width  int // p + 1
	rows   int
	weight float64
	origin []float64 // the first row; what follows is relative to it
	mean   []float64
	second []float64 // upper triangle of width x width, row-major

	held   int
	block  []float64 // width x chunk: one column of rows after the other; nil until a row comes
	blockW []float64
	sums   []float64 // scratch: a chunk's second moments
}

// NewMoments returns empty moments of rows with p columns; p may be 0.
func NewMoments(p int) *Moments {
	width := p + 1
	return &Moments{
		width: width, origin: make([]float64, width), mean: make([]float64, width), second: make([]float64, width*width),
	}
}

// MomentsFrom returns moments that were summed elsewhere, such as by one
// query of centred sums: mean is of length p+1 (y last), second the centred
// second moments S of the same order; only its upper triangle is read.
//
// Sums that were not centred lose digits (3e-8 instead of 4e-13 was measured).
func MomentsFrom(rows int, weight float64, mean []float64, second mat.Symmetric) (*Moments, error) {
	width := len(mean)
	if width == 0 || second.SymmetricDim() != width {
		return nil, fmt.Errorf("moments: mean %d, second %d: %w", width, second.SymmetricDim(), ErrWidth)
	}
	if !(weight >= 0) || math.IsInf(weight, 1) || rows < 0 || (weight > 0) != (rows > 0) {
		return nil, fmt.Errorf("moments: weight %v of %d rows: %w", weight, rows, ErrWeight)
	}
	m := NewMoments(width - 1)
	m.rows, m.weight = rows, weight
	copy(m.origin, mean)
	for i := range width {
		for j := i; j < width; j++ {
			v := second.At(i, j)
			if !finite(v) || !finite(mean[i]) {
				return nil, fmt.Errorf("moments: %w", &ColumnError{Column: i, Err: ErrNotFinite})
			}
			m.second[i*width+j] = v
		}
	}
	return m, nil
}

// Add adds one row of weight w; a weight of 0 adds nothing. A row of another
// length, a NaN, an infinity or a negative weight is refused and leaves m as
// it was.
func (m *Moments) Add(x []float64, y, w float64) error {
	if len(x) != m.width-1 {
		return fmt.Errorf("row of %d columns, want %d: %w", len(x), m.width-1, ErrWidth)
	}
	if !(w >= 0) || math.IsInf(w, 1) {
		return fmt.Errorf("weight %v: %w", w, ErrWeight)
	}
	if !finite(y) {
		return &ColumnError{Column: len(x), Err: ErrNotFinite}
	}
	for j, v := range x {
		if v-v != 0 {
			return &ColumnError{Column: j, Err: ErrNotFinite}
		}
	}
	if w == 0 {
		return nil
	}
	if m.block == nil {
		m.block, m.blockW = make([]float64, m.width*chunk), make([]float64, chunk)
		m.sums = make([]float64, m.width*m.width)
	}
	if m.rows == 0 && m.held == 0 {
		copy(m.origin, x)
		m.origin[len(x)] = y
	}
	at := m.held
	for j, v := range x {
		m.block[j*chunk+at] = v - m.origin[j]
	}
	m.block[len(x)*chunk+at] = y - m.origin[len(x)]
	m.blockW[at] = w
	m.held++
	if m.held == chunk {
		m.flush()
	}
	return nil
}

// AddRows adds len(y) rows stored one after the other in x (row-major);
// weights nil means 1 each. It gives the same bits as [Moments.Add] row by row.
func (m *Moments) AddRows(x, y, weights []float64) error {
	p := m.width - 1
	if len(x) != p*len(y) || (weights != nil && len(weights) != len(y)) {
		return fmt.Errorf("%d rows: %d numbers, %d weights: %w", len(y), len(x), len(weights), ErrWidth)
	}
	w := 1.0
	for i := range y {
		if weights != nil {
			w = weights[i]
		}
		if err := m.Add(x[i*p:(i+1)*p], y[i], w); err != nil {
			return fmt.Errorf("row %d: %w", i, err)
		}
	}
	return nil
}

// Merge adds the rows behind other to m. Merging the same parts in the same
// order gives the same bits; another order may change the last digits.
func (m *Moments) Merge(other *Moments) error {
	if m.width != other.width {
		return fmt.Errorf("merge %d columns into %d: %w", other.width-1, m.width-1, ErrWidth)
	}
	m.flush()
	other.flush()
	if other.rows == 0 {
		return nil
	}
	if m.rows == 0 {
		copy(m.origin, other.origin)
	}
	mean := make([]float64, m.width)
	for j := range mean {
		mean[j] = other.mean[j] + (other.origin[j] - m.origin[j])
	}
	m.merge(other.rows, other.weight, mean, other.second)
	return nil
}

// Width returns p, the number of columns without y.
func (m *Moments) Width() int { return m.width - 1 }

// Rows returns the number of rows of positive weight.
func (m *Moments) Rows() int { return m.rows + m.held }

// Weight returns W, the sum of the weights.
func (m *Moments) Weight() float64 {
	m.flush()
	return m.weight
}

// Mean returns the weighted means of [x, y], all 0 without rows.
func (m *Moments) Mean() []float64 {
	m.flush()
	mean := make([]float64, m.width)
	for j := range mean {
		mean[j] = m.origin[j] + m.mean[j]
	}
	return mean
}

// Second returns the centred second moments S of [x, y], (p+1) x (p+1).
func (m *Moments) Second() *mat.SymDense {
	m.flush()
	return mat.NewSymDense(m.width, append([]float64(nil), m.second...))
}

// flush centres the chunk held, multiplies it out and merges it.
func (m *Moments) flush() {
	n := m.held
	if n == 0 {
		return
	}
	m.held = 0
	var weight float64
	for _, w := range m.blockW[:n] {
		weight += w
	}
	mean := make([]float64, m.width)
	for j := range m.width {
		column := m.block[j*chunk : j*chunk+n]
		var sum float64
		for i, w := range m.blockW[:n] {
			sum += w * column[i]
		}
		mean[j] = sum / weight
	}
	for i, w := range m.blockW[:n] {
		m.blockW[i] = math.Sqrt(w)
	}
	for j := range m.width {
		column := m.block[j*chunk : j*chunk+n]
		for i, root := range m.blockW[:n] {
			column[i] = (column[i] - mean[j]) * root
		}
	}
	blas64.Syrk(blas.NoTrans, 1,
		blas64.General{Rows: m.width, Cols: n, Stride: chunk, Data: m.block}, 0,
		blas64.Symmetric{N: m.width, Stride: m.width, Data: m.sums, Uplo: blas.Upper})
	m.merge(n, weight, mean, m.sums)
}

// merge is the pairwise update: S += S_b + d d' W W_b / (W + W_b), d = mean_b - mean.
func (m *Moments) merge(rows int, weight float64, mean, second []float64) {
	if weight == 0 {
		return
	}
	total := m.weight + weight
	delta := make([]float64, m.width)
	for j := range delta {
		delta[j] = mean[j] - m.mean[j]
	}
	share := m.weight * (weight / total)
	for i, di := range delta {
		row := m.second[i*m.width : (i+1)*m.width]
		add := second[i*m.width : (i+1)*m.width]
		for j := i; j < m.width; j++ {
			row[j] += add[j] + di*delta[j]*share
		}
	}
	for j, d := range delta {
		if m.weight == 0 {
			m.mean[j] = mean[j]
		} else {
			m.mean[j] += d * (weight / total)
		}
	}
	m.weight = total
	m.rows += rows
}

func finite(v float64) bool { return v-v == 0 }
