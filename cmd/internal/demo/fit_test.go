package demo_test

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"
)

// design is a regression with rows of clusters: a deliberately plain one, so
// that the generator is checked by something else than the program.
type design struct {
	names   []string
	rows    [][]float64
	y       []float64
	cluster []int
}

// fit returns coefficients and cluster-robust standard errors by name, of
// least squares or of a logistic regression (Newton's method).
func (d design) fit(tb testing.TB, logistic bool) (beta, se map[string]float64) {
	tb.Helper()
	p := len(d.names)
	b := make([]float64, p)
	h := mat.NewSymDense(p, nil)
	iterations := 1
	if logistic {
		iterations = 12
	}
	for range iterations {
		gradient, _ := d.score(b, h, logistic)
		var step mat.VecDense
		var chol mat.Cholesky
		if !chol.Factorize(h) {
			tb.Fatal("the design is not of full rank")
		}
		if err := chol.SolveVecTo(&step, mat.NewVecDense(p, gradient)); err != nil {
			tb.Fatal(err)
		}
		for j := range b {
			b[j] += step.AtVec(j)
		}
	}
	_, byCluster := d.score(b, h, logistic)
	var inverse mat.SymDense
	var chol mat.Cholesky
	if !chol.Factorize(h) {
		tb.Fatal("the design is not of full rank")
	}
	if err := chol.InverseTo(&inverse); err != nil {
		tb.Fatal(err)
	}
	meat := mat.NewSymDense(p, nil)
	for _, s := range byCluster {
		meat.SymRankOne(meat, 1, mat.NewVecDense(p, s))
	}
	var half, cov mat.Dense
	half.Mul(&inverse, meat)
	cov.Mul(&half, &inverse)
	beta, se = map[string]float64{}, map[string]float64{}
	for j, name := range d.names {
		beta[name], se[name] = b[j], math.Sqrt(cov.At(j, j))
	}
	return beta, se
}

// score sets h to the information and returns the score, also by cluster.
func (d design) score(b []float64, h *mat.SymDense, logistic bool) (gradient []float64, byCluster map[int][]float64) {
	p := len(b)
	h.Zero()
	gradient, byCluster = make([]float64, p), map[int][]float64{}
	for i, x := range d.rows {
		fitted, w := 0.0, 1.0
		for j := range x {
			fitted += x[j] * b[j]
		}
		if logistic {
			fitted = 1 / (1 + math.Exp(-fitted))
			w = fitted * (1 - fitted)
		}
		s := byCluster[d.cluster[i]]
		if s == nil {
			s = make([]float64, p)
			byCluster[d.cluster[i]] = s
		}
		for j := range x {
			if x[j] == 0 {
				continue
			}
			g := x[j] * (d.y[i] - fitted)
			gradient[j] += g
			s[j] += g
			for k := j; k < p; k++ {
				h.SetSym(j, k, h.At(j, k)+w*x[j]*x[k])
			}
		}
	}
	return gradient, byCluster
}
