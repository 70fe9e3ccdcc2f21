package regression_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"

	"github.com/churnwatch/churnwatch/model/regression"
)

// direct computes (X'WX+P)^-1 (sum s s') (X'WX+P)^-1 G/(G-1) from the raw
// rows, with nothing of the package but the coefficients.
func direct(r rows, f *regression.Fit, penalty *mat.SymDense) *mat.Dense {
	k := r.p + 1
	hessian := mat.NewDense(k, k, nil)
	scores := map[int][]float64{}
	for i, y := range r.y {
		z := append([]float64{1}, r.x[i*r.p:(i+1)*r.p]...)
		residual := y - f.Intercept
		for j, b := range f.Coefficients {
			residual -= b * z[j+1]
		}
		g := r.cluster[i]
		if scores[g] == nil {
			scores[g] = make([]float64, k)
		}
		for a := range k {
			scores[g][a] += r.w[i] * residual * z[a]
			for b := range k {
				hessian.Set(a, b, hessian.At(a, b)+r.w[i]*z[a]*z[b])
			}
		}
	}
	if penalty != nil {
		for a := range r.p {
			for b := range r.p {
				hessian.Set(a+1, b+1, hessian.At(a+1, b+1)+penalty.At(a, b))
			}
		}
	}
	middle := mat.NewDense(k, k, nil)
	for _, s := range scores {
		var outer mat.Dense
		outer.Outer(1, mat.NewVecDense(k, s), mat.NewVecDense(k, s))
		middle.Add(middle, &outer)
	}
	middle.Scale(float64(len(scores))/float64(len(scores)-1), middle)
	var inverse, out mat.Dense
	if err := inverse.Inverse(hessian); err != nil {
		panic(err)
	}
	out.Product(&inverse, middle, &inverse)
	return &out
}

func TestClusteredCovarianceEqualsTheDirectFormula(t *testing.T) {
	for _, penalised := range []bool{false, true} {
		r := random(300, 4, 2, 11)
		opts := regression.Options{}
		var penalty *mat.SymDense
		if penalised {
			penalty = mat.NewSymDense(4, []float64{9, 1, 0, 0, 1, 4, 0, 0, 0, 0, 2, 0, 0, 0, 0, 30})
			opts.Penalty = penalty
		}
		f := solve(t, r, opts)
		got, groups, err := f.Clustered(r.x, r.y, r.w, r.cluster)
		if err != nil {
			t.Fatal(err)
		}
		if groups < 50 || groups > 101 {
			t.Errorf("%d clusters", groups)
		}
		want := direct(r, f, penalty)
		for i := range 5 {
			for j := range 5 {
				closeTo(t, "covariance", got.At(i, j), want.At(i, j), 1e-9)
			}
		}
	}
}

func TestRowOrderDoesNotMoveTheSandwich(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := random(60, 2, 1, rapid.Uint64().Draw(t, "seed"))
		f := solve(t, r, regression.Options{})
		a, _, err := f.Clustered(r.x, r.y, r.w, r.cluster)
		if err != nil {
			t.Fatal(err)
		}
		g := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "shuffle"), 0))
		g.Shuffle(len(r.y), func(i, j int) {
			r.y[i], r.y[j] = r.y[j], r.y[i]
			r.w[i], r.w[j] = r.w[j], r.w[i]
			r.cluster[i], r.cluster[j] = r.cluster[j], r.cluster[i]
			for c := range 2 {
				r.x[i*2+c], r.x[j*2+c] = r.x[j*2+c], r.x[i*2+c]
			}
		})
		b, _, err := f.Clustered(r.x, r.y, r.w, r.cluster)
		if err != nil {
			t.Fatal(err)
		}
		if !mat.EqualApprox(a, b, 1e-12) {
			t.Fatal("the covariance moved with the order of rows")
		}
	})
}

func TestRepeatedRowsOfACustomerAddNoCertainty(t *testing.T) {
	r := random(200, 2, 1, 4)
	r.cluster = nil
	once := solve(t, r, regression.Options{})
	alone, _, err := once.Clustered(r.x, r.y, r.w, nil)
	if err != nil {
		t.Fatal(err)
	}
	twice := rows{p: 2, x: append(append([]float64(nil), r.x...), r.x...), y: append(append([]float64(nil), r.y...), r.y...), w: append(append([]float64(nil), r.w...), r.w...)}
	for range 2 {
		for i := range r.y {
			twice.cluster = append(twice.cluster, i)
		}
	}
	f := solve(t, twice, regression.Options{})
	got, groups, err := f.Clustered(twice.x, twice.y, twice.w, twice.cluster)
	if err != nil {
		t.Fatal(err)
	}
	if groups != 200 {
		t.Errorf("%d clusters, want 200", groups)
	}
	for i := range 3 {
		closeTo(t, "clustered", got.At(i, i), alone.At(i, i), 1e-12)
		if plain := f.Covariance().At(i, i); plain > 0.6*once.Covariance().At(i, i) {
			t.Errorf("plain variance %v: it should have been fooled into half of %v", plain, once.Covariance().At(i, i))
		}
	}
}

func TestPosteriorCovarianceIsSandwichPlusPenaltyShare(t *testing.T) {
	// V = V S V + V P V, with the model's own middle S in place of the scores'.
	r := random(150, 3, 0, 6)
	penalty := mat.NewSymDense(3, []float64{5, 0, 0, 0, 7, 1, 0, 1, 9})
	f := solve(t, r, regression.Options{Penalty: penalty, Dispersion: 1})
	m := r.moments(t)
	hessian := mat.NewSymDense(4, nil)
	second, mean := m.Second(), m.Mean()
	hessian.SetSym(0, 0, m.Weight())
	for i := range 3 {
		hessian.SetSym(0, i+1, m.Weight()*mean[i])
		for j := i; j < 3; j++ {
			hessian.SetSym(i+1, j+1, second.At(i, j)+m.Weight()*mean[i]*mean[j])
		}
	}
	var sum mat.SymDense
	sum.AddSym(regression.Sandwich(f.Bread(), hessian), f.PenaltyCovariance())
	if !mat.EqualApprox(&sum, f.Covariance(), 1e-12) {
		t.Errorf("got\n%v\nwant\n%v", mat.Formatted(&sum), mat.Formatted(f.Covariance()))
	}
}

func TestFewClustersWarn(t *testing.T) {
	r := random(100, 1, 0, 3)
	f := solve(t, r, regression.Options{})
	if e := f.Estimates(f.Covariance(), 0.9, 10); len(e[1].Warnings) != 1 {
		t.Errorf("10 clusters gave %v", e[1].Warnings)
	}
	if e := f.Estimates(f.Covariance(), 0.9, 100); e[1].Warnings != nil || math.IsNaN(e[1].Low) {
		t.Errorf("100 clusters gave %+v", e[1])
	}
}
