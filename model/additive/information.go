package additive

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/churnwatch/churnwatch/model/logistic"
)

// Information says how much of a predictor's answer at x comes from data and
// how much from the prior, the penalty with its centre.
//
// With I = X'WX the information of the training rows about intercept and
// coefficients, P the penalty's and V = (I + P)^-1, every fit is a mean of the
// two, weighted by information. At a row of weights h on the coefficients, base
// left out, so that what is asked is how this row differs from the usual one
// (how many churn at all is always the data's),
//
//	data share = h'V I V h / h'V h,  prior share = h'V P V h / h'V h
//
// and as V = V I V + V P V they add up to 1: the ratio of the information in
// the likelihood to all information, whose sum over directions is the effective
// number of parameters (Spiegelhalter, Best, Carlin and van der Linde 2002,
// J. R. Stat. Soc. B 64(4), section 2.4; Hastie and Tibshirani 1990, section
// 3.5). Rows of one customer count as in the fit, each for itself.
//
// With V = L L' and L'P L = U diag(a) U', the columns c of L U are directions in
// which both are sums of squares,
//
//	h'V h = sum (c'h)^2,  h'V P V h = sum a (c'h)^2,  0 <= a <= 1
//
// so that a share is a mean of 1-a, whatever is left out. Directions holds the
// columns of the largest mean square over the training rows, Prior their a;
// TotalRest and PriorRest are what the others come to there. Cells of pairs are
// not counted.
type Information struct {
	Directions [][]float64 `json:"directions"`
	Prior      []float64   `json:"prior"`
	TotalRest  float64     `json:"total_rest"`
	PriorRest  float64     `json:"prior_rest"`
}

// informationRank is the most directions kept.
const informationRank = 48

// DataShare returns the share of the answer at x, in [0, 1], that comes from
// data; the rest comes from the prior. It is NaN for a predictor that was not
// fitted with [Fit].
func (p *Predictor) DataShare(x Row) float64 {
	total, prior := p.Information.TotalRest, p.Information.PriorRest
	for r, direction := range p.Information.Directions {
		square := p.along(direction, x)
		square *= square
		total += square
		prior += p.Information.Prior[r] * square
	}
	if !(total > 0) {
		return math.NaN()
	}
	return 1 - prior/total
}

// along returns d'h for the weights h of x on base and terms.
func (p *Predictor) along(direction []float64, x Row) (dot float64) {
	first := 1
	for j := range p.Terms {
		slot, share := p.Terms[j].At(x[j])
		dot += (1 - share) * direction[first+slot]
		if share > 0 {
			dot += share * direction[first+slot+1]
		}
		first += p.Terms[j].Slots()
	}
	return dot
}

// information keeps the leading directions, and returns the data's share of
// the mean variance over the training rows beside.
func (l *layout) information(f *logistic.Fit, e *encoded, d *Design, strength Penalty) (Information, float64, error) {
	var cholesky mat.Cholesky
	if !cholesky.Factorize(f.Covariance()) {
		return Information{}, 0, fmt.Errorf("covariance is not positive: %w", ErrInput)
	}
	var lower mat.TriDense
	cholesky.LTo(&lower)
	columns, shares, err := l.priorDirections(&lower, strength)
	if err != nil {
		return Information{}, 0, err
	}
	root := l.centred(columns)
	clear(root.RawRowView(0))
	var weighed mat.Dense
	weighed.Mul(e.metric(d), root)
	order, squares := make([]int, len(shares)), make([]float64, len(shares))
	for c := range shares {
		order[c] = c
		squares[c] = max(0, mat.Dot(root.ColView(c), weighed.ColView(c)))
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(squares[b], squares[a]) })
	info := Information{Directions: [][]float64{}, Prior: []float64{}}
	var all, prior float64
	for k, c := range order {
		all += squares[c]
		prior += shares[c] * squares[c]
		switch {
		case squares[c] == 0:
		case k < informationRank:
			info.Directions, info.Prior = append(info.Directions, mat.Col(nil, c, root)), append(info.Prior, shares[c])
		default:
			info.TotalRest += squares[c]
			info.PriorRest += shares[c] * squares[c]
		}
	}
	if len(info.Directions) > 0 {
		readable(info.Directions)
	}
	return info, min(max(1-prior/all, 0), 1), nil
}

// priorDirections returns the columns of L U and the prior's share a in each.
func (l *layout) priorDirections(lower mat.Matrix, strength Penalty) (*mat.Dense, []float64, error) {
	k, _ := lower.Dims()
	inner := mat.NewSymDense(k, nil)
	if len(l.free) > 0 {
		penalty, _ := l.penalty(strength)
		padded := mat.NewDense(k, k, nil)
		padded.Slice(1, k, 1, k).(*mat.Dense).Copy(penalty)
		var half, product mat.Dense
		half.Mul(padded, lower)
		product.Mul(lower.T(), &half)
		for i := range k {
			for j := i; j < k; j++ {
				inner.SetSym(i, j, (product.At(i, j)+product.At(j, i))/2)
			}
		}
	}
	var eigen mat.EigenSym
	if !eigen.Factorize(inner, true) {
		return nil, nil, fmt.Errorf("eigenvalues of the penalty do not converge: %w", ErrInput)
	}
	var vectors, columns mat.Dense
	eigen.VectorsTo(&vectors)
	columns.Mul(lower, &vectors)
	shares := eigen.Values(nil)
	for c, v := range shares {
		shares[c] = min(max(v, 0), 1)
	}
	return &columns, shares, nil
}
