package regression

import (
	"cmp"
	"fmt"
	"slices"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/mat"
)

// clusterChunk is the number of clusters multiplied out at once; like chunk
// it is part of the result's bits.
const clusterChunk = 128

// Middle returns the middle of a sandwich clustered by customer and the
// number G of clusters (Liang and Zeger 1986, Biometrika 73(1)):
//
//	G/(G-1) sum_g s_g s_g',  s_g = sum of the scores of g's rows
//
// cluster holds the cluster of each row and need not be sorted; nil makes
// every row its own. score adds a row's score (for least squares
// w r [1, x]) to s, which has the given width. Clusters are visited by id and
// rows by index, so the bits do not depend on the order of clusters in the
// input. One cluster gives zeros.
func Middle(width, rows int, cluster []int, score func(row int, s []float64)) (middle *mat.SymDense, clusters int) {
	order := byCluster(rows, cluster)
	sums := make([]float64, width*width)
	block := make([]float64, clusterChunk*width)
	held := 0
	flush := func() {
		blas64.Syrk(blas.Trans, 1, blas64.General{Rows: held, Cols: width, Stride: width, Data: block}, 1,
			blas64.Symmetric{N: width, Stride: width, Data: sums, Uplo: blas.Upper})
		clear(block)
		held = 0
	}
	for at := 0; at < len(order); {
		s := block[held*width : (held+1)*width]
		end := at + 1
		score(order[at], s)
		for ; end < len(order) && cluster != nil && cluster[order[end]] == cluster[order[at]]; end++ {
			score(order[end], s)
		}
		at = end
		clusters++
		if held++; held == clusterChunk {
			flush()
		}
	}
	if held > 0 {
		flush()
	}
	middle = mat.NewSymDense(width, sums)
	factor := 0.0
	if clusters > 1 {
		factor = float64(clusters) / float64(clusters-1)
	}
	middle.ScaleSym(factor, middle)
	return middle, clusters
}

// byCluster returns the row indices sorted by cluster, then by index.
func byCluster(rows int, cluster []int) []int {
	order := make([]int, rows)
	for i := range order {
		order[i] = i
	}
	if cluster != nil {
		slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(cluster[a], cluster[b]) })
	}
	return order
}

// Sandwich returns bread * middle * bread, symmetrised.
func Sandwich(bread, middle mat.Symmetric) *mat.SymDense {
	n := bread.SymmetricDim()
	var half, full mat.Dense
	outer := square(bread)
	half.Mul(outer, square(middle))
	full.Mul(&half, outer)
	out := mat.NewSymDense(n, nil)
	for i := range n {
		for j := i; j < n; j++ {
			out.SetSym(i, j, (full.At(i, j)+full.At(j, i))/2)
		}
	}
	return out
}

// square returns s as a dense matrix, which multiplies faster.
func square(s mat.Symmetric) *mat.Dense {
	n := s.SymmetricDim()
	out := make([]float64, n*n)
	for i := range n {
		for j := i; j < n; j++ {
			v := s.At(i, j)
			out[i*n+j], out[j*n+i] = v, v
		}
	}
	return mat.NewDense(n, n, out)
}

// Clustered returns the covariance of f clustered by customer, V M V with V
// from [Fit.Bread] and M from [Middle] over the rows' scores w r [1, x], and
// the number of clusters. x holds the rows one after the other (row-major)
// and, like y, weights (nil = 1) and cluster (nil = independent rows: White
// 1980), must be what f was fitted on. A penalised fit's bias is not in it:
// add [Fit.PenaltyCovariance].
func (f *Fit) Clustered(x, y, weights []float64, cluster []int) (*mat.SymDense, int, error) {
	p, n := len(f.Coefficients), len(y)
	if len(x) != n*p || (weights != nil && len(weights) != n) || (cluster != nil && len(cluster) != n) {
		return nil, 0, fmt.Errorf("clustered: %d rows of %d: %d numbers, %d weights, %d clusters: %w",
			n, p, len(x), len(weights), len(cluster), ErrWidth)
	}
	middle, groups := Middle(p+1, n, cluster, func(i int, s []float64) {
		row := x[i*p : (i+1)*p]
		r := y[i] - f.Predict(row)
		if weights != nil {
			r *= weights[i]
		}
		s[0] += r
		for j, v := range row {
			s[j+1] += r * v
		}
	})
	return Sandwich(f.Bread(), middle), groups, nil
}
