package additive

import (
	"fmt"
	"math"
	"strconv"

	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/lapack/lapack64"
	"gonum.org/v1/gonum/mat"
)

// Uncertainty gives the variance of the log-odds, before calibration, at any
// x. With h(x) the weights on the coefficient vector (see the package
// comment):
//
//	variance = sum_r (Factor[r] . h)^2 + Remainder
//
// Factor holds the leading directions of the covariance in the metric of the
// training rows, so many that they carry 99.99 % of its mean over them, but
// MaxRank at most, each number to a hundred-thousandth of the largest.
// Remainder is the largest variance that the directions left out have at any
// training row: the sum is too wide by that much at most, and too narrow at
// none of them. A penalised fit spreads its variance over about twice its
// effective parameters: on 33 features, a rank of 64 lost 6 to 29 % of the
// variance of later rows, and the remainder then widened the intervals of all
// by half. So the default keeps it whole, 150 to 200 rows. They are turned,
// which changes no variance, until row r is 0 at the first r coefficients that
// were fitted: two fifths of the numbers are zeros and the JSON is so much
// shorter.
//
// Rows behind those are of the pairs: zeros up to them, then the deviations of
// one bag's surfaces from the mean of all bags, over sqrt(bags - 1), so that
// their squares add up to the bootstrap's covariance; the last row is what the
// surfaces have not taken in. A row that ends before
// the pairs has zeros there. What terms and pairs have in common counts as
// none: surfaces are free of what is additive in their features.
//
// An engine that prefers one quadratic form multiplies it out once: h'(F'F)h.
type Uncertainty struct {
	Factor    [][]float64 `json:"factor"`
	Remainder float64     `json:"remainder"`
}

// keptShare is the share of the mean variance that the factor must carry.
const keptShare = 0.9999

// uncertainty compresses the covariance of [intercept, parameters].
func (l *layout) uncertainty(covariance mat.Symmetric, e *encoded, d *Design, rank int) (Uncertainty, error) {
	root, err := l.root(covariance)
	if err != nil {
		return Uncertainty{}, err
	}
	_, k := root.Dims()
	directions, values, err := leading(root, e.metric(d))
	if err != nil {
		return Uncertainty{}, err
	}
	kept := keptRank(values, rank)
	u := Uncertainty{Factor: make([][]float64, kept)}
	for r := range kept {
		u.Factor[r] = mat.Col(nil, k-1-r, directions)
	}
	l.echelon(u.Factor)
	readable(u.Factor)
	if kept < k {
		rest := directions.Slice(0, l.size, 0, k-kept)
		var outer mat.Dense
		outer.Mul(rest, rest.T())
		u.Remainder = e.largest(&outer)
	}
	return u, nil
}

// leading turns a root C of a covariance C C' so that its columns are
// uncorrelated in the metric of the training rows: columns in the order of
// their mean variance over these rows, the values, which ascend.
func leading(root *mat.Dense, metric mat.Matrix) (*mat.Dense, []float64, error) {
	var half, product, vectors, directions mat.Dense
	half.Mul(metric, root)
	_, k := root.Dims()
	inner := mat.NewSymDense(k, nil)
	product.Mul(root.T(), &half)
	for i := range k {
		for j := i; j < k; j++ {
			inner.SetSym(i, j, (product.At(i, j)+product.At(j, i))/2)
		}
	}
	var eigen mat.EigenSym
	if !eigen.Factorize(inner, true) {
		return nil, nil, fmt.Errorf("eigenvalues of the covariance do not converge: %w", ErrInput)
	}
	eigen.VectorsTo(&vectors)
	directions.Mul(root, &vectors)
	return &directions, eigen.Values(nil), nil
}

// echelon turns the rows by an orthogonal matrix, which changes no variance,
// so that row r has zeros at the first r of [base, parameters]: the triangular
// factor of a QR decomposition, references and unseen slots last.
func (l *layout) echelon(rows [][]float64) {
	if len(rows) == 0 {
		return
	}
	order := append([]int{0}, l.free...)
	for s := 1; s < l.size; s++ {
		if l.parameter[s] < 0 {
			order = append(order, s)
		}
	}
	a := blas64.General{Rows: len(rows), Cols: l.size, Stride: l.size, Data: make([]float64, len(rows)*l.size)}
	for r, row := range rows {
		for c, s := range order {
			a.Data[r*a.Stride+c] = row[s]
		}
	}
	tau, work := make([]float64, len(rows)), make([]float64, 1)
	lapack64.Geqrf(a, tau, work, -1)
	work = make([]float64, int(work[0]))
	lapack64.Geqrf(a, tau, work, len(work))
	for r, row := range rows {
		for c, s := range order {
			row[s] = 0
			if c >= r {
				row[s] = a.Data[r*a.Stride+c]
			}
		}
	}
}

// root returns C with C C' the covariance of the coefficient vector: the
// centring A applied to the Cholesky factor of the parameters' covariance.
//
//	base = intercept + sum share_s v_s;  slot s of a term = v_s - sum share_t v_t
//
// Slots that training did not have are 0, and so is their variance here.
func (l *layout) root(covariance mat.Symmetric) (*mat.Dense, error) {
	k := covariance.SymmetricDim()
	padded := mat.NewSymDense(k, nil)
	for i := range k {
		for j := i; j < k; j++ {
			padded.SetSym(i, j, covariance.At(i, j))
		}
		// a rounding's worth, so that a singular sandwich has a factor
		padded.SetSym(i, i, covariance.At(i, i)*(1+1e-9))
	}
	var cholesky mat.Cholesky
	if !cholesky.Factorize(padded) {
		return nil, fmt.Errorf("covariance is not positive: %w", ErrInput)
	}
	var lower mat.TriDense
	cholesky.LTo(&lower)
	return l.centred(&lower), nil
}

// centred returns the centring A applied to a factor C of the covariance C C'
// of [intercept, parameters]: one of that of the coefficient vector.
func (l *layout) centred(factor mat.Matrix) *mat.Dense {
	_, k := factor.Dims()
	root := mat.NewDense(l.size, k, nil)
	base := root.RawRowView(0)
	mat.Row(base, 0, factor)
	mean, own := make([]float64, k), make([]float64, k)
	for j, b := range l.bases {
		clear(mean)
		for s, share := range b.share {
			if at := l.parameter[l.first[j]+s]; at >= 0 {
				for c, v := range mat.Row(own, at+1, factor) {
					mean[c] += share * v
				}
			}
		}
		for c, v := range mean {
			base[c] += v
		}
		for s := range b.share {
			if !b.seen(s) {
				continue
			}
			row := root.RawRowView(l.first[j] + s)
			for c, v := range mean {
				row[c] = -v
			}
			if at := l.parameter[l.first[j]+s]; at >= 0 {
				for c, v := range mat.Row(own, at+1, factor) {
					row[c] += v
				}
			}
		}
	}
	return root
}

// metric returns the weighted mean of h h' over the rows.
func (e *encoded) metric(d *Design) *mat.Dense {
	weights := make([]float64, e.rows)
	var total float64
	for i := range weights {
		weights[i] = d.weight(i)
		total += weights[i]
	}
	products, sums := e.products(weights), e.sums(weights)
	sums[0] = total
	m := make([]float64, e.size*e.size)
	for s := range e.size {
		for t := s; t < e.size; t++ {
			v := products[s*(e.size+1)+t]
			if s == 0 {
				v = sums[t]
			}
			m[s*e.size+t], m[t*e.size+s] = v/total, v/total
		}
	}
	return mat.NewDense(e.size, e.size, m)
}

// largest returns the largest h'Rh over the rows, R symmetric.
func (e *encoded) largest(r *mat.Dense) float64 {
	index, weight := make([]int, 2*e.terms+1), make([]float64, 2*e.terms+1)
	weight[0] = 1
	var most float64
	for i := range e.rows {
		n := 1 + e.nonzero(i, index[1:], weight[1:])
		var sum float64
		for a, ia := range index[:n] {
			row := r.RawRowView(ia)
			cross := 0.0
			for b, ib := range index[:a] {
				cross += weight[b] * row[ib]
			}
			sum += weight[a] * (2*cross + weight[a]*row[ia])
		}
		most = math.Max(most, sum)
	}
	return most
}

// keptRank returns how many of the ascending eigenvalues to keep.
func keptRank(values []float64, rank int) int {
	var total, sum float64
	for _, v := range values {
		total += math.Max(v, 0)
	}
	for kept := range values {
		if kept == rank || sum >= keptShare*total {
			return kept
		}
		sum += math.Max(values[len(values)-1-kept], 0)
	}
	return len(values)
}

// readable rounds to a hundred-thousandth of the largest number of all, down
// to a power of ten, and turns each row so that its largest number is positive.
func readable(rows [][]float64) {
	var most float64
	for _, row := range rows {
		most = math.Max(most, math.Abs(row[largestAt(row)]))
	}
	if most == 0 {
		return
	}
	decimals := max(0, 5-int(math.Floor(math.Log10(most))))
	for _, row := range rows {
		sign := 1.0
		if row[largestAt(row)] < 0 {
			sign = -1
		}
		for i, x := range row {
			row[i], _ = strconv.ParseFloat(strconv.FormatFloat(sign*x, 'f', decimals, 64), 64)
			if row[i] == 0 {
				row[i] = 0 // no -0 in the JSON
			}
		}
	}
}

// largestAt returns the index of the number furthest from 0.
func largestAt(row []float64) int {
	at := 0
	for i, x := range row {
		if math.Abs(x) > math.Abs(row[at]) {
			at = i
		}
	}
	return at
}
