package regression_test

import (
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"

	"github.com/churnwatch/churnwatch/model/regression"
)

// tester is what tester and rapid.T share.
type tester interface {
	Helper()
	Fatal(args ...any)
	Errorf(format string, args ...any)
}

// rows is a small data set, row-major.
type rows struct {
	p       int
	x, y, w []float64
	cluster []int
}

func (r rows) moments(t tester) *regression.Moments {
	t.Helper()
	m := regression.NewMoments(r.p)
	if err := m.AddRows(r.x, r.y, r.w); err != nil {
		t.Fatal(err)
	}
	return m
}

// random draws n rows of p correlated columns with offsets of the given size.
func random(n, p int, offset float64, seed uint64) rows {
	g := rand.New(rand.NewPCG(seed, 1))
	r := rows{p: p, x: make([]float64, n*p), y: make([]float64, n), w: make([]float64, n), cluster: make([]int, n)}
	for i := range n {
		common := g.NormFloat64()
		r.y[i] = g.NormFloat64() + offset
		for j := range p {
			v := offset*float64(j+1) + g.NormFloat64() + common
			r.x[i*p+j] = v
			r.y[i] += float64(j-1) * (v - offset*float64(j+1))
		}
		r.w[i] = 0.2 + g.Float64()
		r.cluster[i] = g.IntN(n/3 + 1)
	}
	return r
}

// qr solves the weighted problem on the raw rows by gonum's QR; the penalty
// is a Cholesky factor's rows appended to them.
func (r rows) qr(t tester, penalty *mat.SymDense, center []float64) []float64 {
	t.Helper()
	n := len(r.y)
	extra := 0
	if penalty != nil {
		extra = r.p
	}
	a, b := mat.NewDense(n+extra, r.p+1, nil), mat.NewVecDense(n+extra, nil)
	for i := range n {
		root := 1.0
		if r.w != nil {
			root = math.Sqrt(r.w[i])
		}
		a.Set(i, 0, root)
		for j := range r.p {
			a.Set(i, j+1, root*r.x[i*r.p+j])
		}
		b.SetVec(i, root*r.y[i])
	}
	if penalty != nil {
		var c mat.Cholesky
		if !c.Factorize(penalty) {
			t.Fatal("penalty is not positive definite")
		}
		var u mat.TriDense
		c.UTo(&u)
		for i := range r.p {
			var want float64
			for j := i; j < r.p; j++ {
				a.Set(n+i, j+1, u.At(i, j))
				if center != nil {
					want += u.At(i, j) * center[j]
				}
			}
			b.SetVec(n+i, want)
		}
	}
	var qr mat.QR
	qr.Factorize(a)
	var out mat.VecDense
	if err := qr.SolveVecTo(&out, false, b); err != nil {
		t.Fatal(err)
	}
	return out.RawVector().Data
}

func closeTo(t tester, what string, got, want, tolerance float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tolerance*(1+math.Abs(want))) {
		t.Errorf("%s = %.15g, want %.15g within %g", what, got, want, tolerance)
	}
}
