package additive

import (
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
// Total and Prior are the leading directions of V and of V P V in the metric of
// the training rows, TotalRest and PriorRest the mean variance over these rows
// of what is left out, so that h'V h is about sum_r (Total[r] . h)^2 +
// TotalRest. Cells of pairs are not counted.
type Information struct {
	Total     [][]float64 `json:"total"`
	Prior     [][]float64 `json:"prior"`
	TotalRest float64     `json:"total_rest"`
	PriorRest float64     `json:"prior_rest"`
}

// informationRank is the most directions kept of each of the two.
const informationRank = 16

// DataShare returns the share of the answer at x, in [0, 1], that comes from
// data; the rest comes from the prior. It is NaN for a predictor that was not
// fitted with [Fit].
func (p *Predictor) DataShare(x Row) float64 {
	total := p.Information.TotalRest + p.spread(p.Information.Total, x)
	prior := p.Information.PriorRest + p.spread(p.Information.Prior, x)
	if !(total > 0) {
		return math.NaN()
	}
	return min(max(1-prior/total, 0), 1)
}

// spread returns sum_r (rows[r] . h)^2 for the weights h of x on base and terms.
func (p *Predictor) spread(rows [][]float64, x Row) (sum float64) {
	for _, row := range rows {
		dot, first := 0.0, 1
		for j := range p.Terms {
			slot, share := p.Terms[j].At(x[j])
			dot += (1 - share) * row[first+slot]
			if share > 0 {
				dot += share * row[first+slot+1]
			}
			first += p.Terms[j].Slots()
		}
		sum += dot * dot
	}
	return sum
}

// information compresses V and V P V, and returns the data's share of the mean
// variance over the training rows beside.
func (l *layout) information(f *logistic.Fit, e *encoded, d *Design, strength Penalty) (Information, float64, error) {
	var cholesky mat.Cholesky
	if !cholesky.Factorize(f.Covariance()) {
		return Information{}, 0, fmt.Errorf("covariance is not positive: %w", ErrInput)
	}
	var lower mat.TriDense
	cholesky.LTo(&lower)
	metric := e.metric(d)
	var info Information
	var all, prior float64
	var err error
	if info.Total, info.TotalRest, all, err = l.compressed(&lower, metric); err != nil {
		return Information{}, 0, err
	}
	root, err := l.priorRoot(&lower, strength)
	if err != nil {
		return Information{}, 0, err
	}
	if info.Prior, info.PriorRest, prior, err = l.compressed(root, metric); err != nil {
		return Information{}, 0, err
	}
	return info, min(max(1-prior/all, 0), 1), nil
}

// priorRoot returns C with C C' = V P V, given the Cholesky factor L of V: L U
// sqrt(a), with L'P L = U a U'.
func (l *layout) priorRoot(lower mat.Matrix, strength Penalty) (*mat.Dense, error) {
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
		return nil, fmt.Errorf("eigenvalues of the penalty do not converge: %w", ErrInput)
	}
	var vectors, root mat.Dense
	eigen.VectorsTo(&vectors)
	scale := eigen.Values(nil)
	for c, v := range scale {
		scale[c] = math.Sqrt(max(v, 0))
	}
	vectors.Mul(&vectors, mat.NewDiagDense(k, scale))
	root.Mul(lower, &vectors)
	return &root, nil
}

// compressed returns the leading directions of C C' over the coefficient
// vector, the mean variance of the rest, and that of all.
func (l *layout) compressed(factor, metric mat.Matrix) (rows [][]float64, rest, all float64, err error) {
	root := l.centred(factor)
	clear(root.RawRowView(0))
	directions, values, err := leading(root, metric)
	if err != nil {
		return nil, 0, 0, err
	}
	rows = [][]float64{}
	for c, v := range slices.Backward(values) {
		v = max(v, 0)
		all += v
		switch {
		case v == 0:
		case len(rows) < informationRank:
			rows = append(rows, mat.Col(nil, c, directions))
		default:
			rest += v
		}
	}
	if len(rows) > 0 {
		readable(rows)
	}
	return rows, rest, all, nil
}
