package logistic_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/churnwatch/churnwatch/model/logistic"
)

// tester is what testing.TB and rapid.T share.
type tester interface {
	Helper()
	Fatal(args ...any)
	Errorf(format string, args ...any)
}

// data is a data set, row-major.
type data struct {
	p       int
	x, y, w []float64
	cluster []int
}

func random(n, p int, seed uint64) data {
	g := rand.New(rand.NewPCG(seed, 2))
	d := data{p: p, x: make([]float64, n*p), y: make([]float64, n), w: make([]float64, n), cluster: make([]int, n)}
	for i := range n {
		eta := -0.3
		for j := range p {
			d.x[i*p+j] = g.NormFloat64() + 3
			eta += (d.x[i*p+j] - 3) * 0.5 * float64(j-1)
		}
		if g.Float64() < logistic.Probability(eta) {
			d.y[i] = 1
		}
		d.w[i] = 0.5 + g.Float64()
		d.cluster[i] = g.IntN(n/2 + 1)
	}
	return d
}

func (d data) design(t tester) *logistic.Dense {
	t.Helper()
	design, err := logistic.NewDense(d.x, d.p)
	if err != nil {
		t.Fatal(err)
	}
	return design
}

func (d data) fit(t tester, opts logistic.Options) *logistic.Fit {
	t.Helper()
	f, err := logistic.New(d.design(t), d.y, opts)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// newton is an independent fit: plain Newton steps on raw cross-products with
// gonum's LU. It returns [a, b] and the inverse penalised information.
func (d data) newton(t tester, opts logistic.Options) ([]float64, *mat.Dense) {
	t.Helper()
	k := d.p + 1
	beta := make([]float64, k)
	inverse := mat.NewDense(k, k, nil)
	for range 60 {
		score, information := mat.NewVecDense(k, nil), mat.NewDense(k, k, nil)
		for i, y := range d.y {
			z := append([]float64{1}, d.x[i*d.p:(i+1)*d.p]...)
			eta, w := 0.0, 1.0
			for j, v := range z {
				eta += beta[j] * v
			}
			if opts.Offset != nil {
				eta += opts.Offset[i]
			}
			if opts.Weights != nil {
				w = opts.Weights[i]
			}
			p := 1 / (1 + math.Exp(-eta))
			for a := range k {
				score.SetVec(a, score.AtVec(a)+w*(y-p)*z[a])
				for b := range k {
					information.Set(a, b, information.At(a, b)+w*p*(1-p)*z[a]*z[b])
				}
			}
		}
		for a := range d.p {
			for b := range d.p {
				if opts.Penalty == nil {
					continue
				}
				shift := beta[b+1]
				if opts.Center != nil {
					shift -= opts.Center[b]
				}
				score.SetVec(a+1, score.AtVec(a+1)-opts.Penalty.At(a, b)*shift)
				information.Set(a+1, b+1, information.At(a+1, b+1)+opts.Penalty.At(a, b))
			}
		}
		score.SetVec(0, score.AtVec(0)-opts.InterceptPenalty*(beta[0]-opts.InterceptCenter))
		information.Set(0, 0, information.At(0, 0)+opts.InterceptPenalty)
		if err := inverse.Inverse(information); err != nil {
			t.Fatal(err)
		}
		var step mat.VecDense
		step.MulVec(inverse, score)
		for a := range k {
			beta[a] += step.AtVec(a)
		}
	}
	return beta, inverse
}

func closeTo(t tester, what string, got, want, tolerance float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tolerance*(1+math.Abs(want))) {
		t.Errorf("%s = %.15g, want %.15g within %g", what, got, want, tolerance)
	}
}

func BenchmarkNew20kRows40Columns(b *testing.B) {
	d := random(20_000, 40, 1)
	b.ReportAllocs()
	for b.Loop() {
		d.fit(b, logistic.Options{})
	}
}
