package painpoint_test

import (
	"errors"
	"fmt"
	"math"
	"testing"

	"pgregory.net/rapid"

	"github.com/churnwatch/churnwatch/model/estimate"
	"github.com/churnwatch/churnwatch/model/painpoint"
)

func TestThinnedIncidentsAreBinomial(t *testing.T) {
	left, err := painpoint.Thin(10, 0.5)
	if err != nil {
		t.Fatal(err)
	}
	for k, combinations := range []float64{1, 10, 45, 120, 210, 252, 210, 120, 45, 10, 1} {
		near(t, fmt.Sprint(k, " left"), combinations/1024, left[k], 1e-15)
	}
	// scipy.stats.binom.pmf([0, 7, 25], 25, 0.3) of SciPy 1.10.
	left, err = painpoint.Thin(25, 0.7)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "0 left", 0.00013410686196639628, left[0], 1e-16)
	near(t, "7 left", 0.17119363969195137, left[7], 1e-12)
	near(t, "25 left", 8.472886094430002e-14, left[25], 1e-25)
}

func TestThinningKeepsTheMean(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		count := rapid.IntRange(0, 300).Draw(t, "count")
		remove := rapid.Float64Range(0, 1).Draw(t, "remove")
		left, err := painpoint.Thin(count, remove)
		if err != nil {
			t.Fatal(err)
		}
		var all, mean float64
		for k, p := range left {
			all += p
			mean += float64(k) * p
		}
		if math.Abs(all-1) > 1e-11 || math.Abs(mean-float64(count)*(1-remove)) > 1e-9*float64(1+count) {
			t.Errorf("adds up to %v, mean %v", all, mean)
		}
	})
}

func TestThinningRefusesWhatIsNoShare(t *testing.T) {
	for _, remove := range []float64{-0.1, 1.1, math.NaN()} {
		if _, err := painpoint.Thin(3, remove); !errors.Is(err, painpoint.ErrValue) {
			t.Errorf("remove %v: error %v", remove, err)
		}
	}
	if _, err := painpoint.Thin(-1, 0.5); !errors.Is(err, painpoint.ErrValue) {
		t.Errorf("error %v", err)
	}
}

// drawExposed draws customers with incidents, and a weight.
func drawExposed(t *rapid.T) (painpoint.Exposed, estimate.Estimate) {
	var e painpoint.Exposed
	for range rapid.IntRange(1, 20).Draw(t, "customers") {
		e.LogOdds = append(e.LogOdds, rapid.Float64Range(-4, 4).Draw(t, "log-odds"))
		e.Count = append(e.Count, rapid.IntRange(0, 6).Draw(t, "count"))
	}
	return e, estimate.Normal(rapid.Float64Range(-1, 2).Draw(t, "weight"), rapid.Float64Range(0, 1).Draw(t, "error"), 0.95, 50)
}

func fewer(t tester, e painpoint.Exposed, w estimate.Estimate, remove float64) estimate.Estimate {
	out, err := painpoint.Fewer(e, w, remove)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

type tester interface{ Fatal(args ...any) }

func TestFewerIncidentsByAllIsTheWholeDifference(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e, w := drawExposed(t)
		want := 0.0
		for i, l := range e.LogOdds {
			want += 1/(1+math.Exp(w.Value*float64(e.Count[i])-l)) - 1/(1+math.Exp(-l))
		}
		got := fewer(t, e, w, 1)
		if math.Abs(got.Value-want) > 1e-9 || !got.Contains(got.Value) {
			t.Errorf("%+v, want %v", got, want)
		}
		if none := fewer(t, e, w, 0); none.Value != 0 || none.Low != 0 || none.High != 0 || none.StandardError != 0 {
			t.Errorf("nothing removed: %+v", none)
		}
	})
}

func TestFewerIncidentsChangeMoreTheMoreGo(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e, w := drawExposed(t)
		a, b := rapid.Float64Range(0, 1).Draw(t, "a"), rapid.Float64Range(0, 1).Draw(t, "b")
		less, more := fewer(t, e, w, math.Min(a, b)), fewer(t, e, w, math.Max(a, b))
		if sign := math.Copysign(1, w.Value); sign*(more.Value-less.Value) > 1e-9 {
			t.Errorf("weight %v: %v by less, %v by more", w.Value, less.Value, more.Value)
		}
		twice := e
		twice.Worth = make([]float64, len(e.Count))
		for i := range twice.Worth {
			twice.Worth[i] = 2
		}
		if worth := fewer(t, twice, w, a); math.Abs(worth.Value-2*fewer(t, e, w, a).Value) > 1e-9 {
			t.Errorf("worth two each: %v", worth.Value)
		}
	})
}

// The standard error is that of the weight carried over.
func TestTheErrorOfAChangeIsThatOfItsWeight(t *testing.T) {
	e := painpoint.Exposed{LogOdds: []float64{-1, 0.3, 0.8}, Count: []int{1, 3, 2}}
	const step = 1e-5
	high := fewer(t, e, estimate.Normal(0.4+step, 0, 0.95, 3), 0.3)
	low := fewer(t, e, estimate.Normal(0.4-step, 0, 0.95, 3), 0.3)
	got := fewer(t, e, estimate.Normal(0.4, 0.1, 0.95, 3), 0.3)
	near(t, "standard error", 0.1*(low.Value-high.Value)/(2*step), got.StandardError, 1e-8)
}

// A sum of independent worths times known changes has the sum of their squares
// times the variances; a weight's own error adds to it, and neither moves the
// change.
func TestWhatWorthsLeaveOpenAddsToTheVariance(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e, w := drawExposed(t)
		for range e.Count {
			e.Worth = append(e.Worth, rapid.Float64Range(0, 500).Draw(t, "worth"))
		}
		exact := fewer(t, e, w, 1)
		want := exact.StandardError * exact.StandardError
		for i, l := range e.LogOdds {
			e.Variance = append(e.Variance, rapid.Float64Range(0, 1e4).Draw(t, "variance"))
			d := 1/(1+math.Exp(w.Value*float64(e.Count[i])-l)) - 1/(1+math.Exp(-l))
			want += d * d * e.Variance[i]
		}
		got := fewer(t, e, w, 1)
		if got.Value != exact.Value || math.Abs(got.StandardError-math.Sqrt(want)) > 1e-9*(1+math.Sqrt(want)) {
			t.Errorf("%+v, want the value of %+v and a variance of %v", got, exact, want)
		}
		if got.Low > exact.Low+1e-9 || got.High < exact.High-1e-9 {
			t.Errorf("%+v is narrower than %+v", got, exact)
		}
	})
}

func TestVariancesOfNoWorthAreRefused(t *testing.T) {
	one := painpoint.Exposed{LogOdds: []float64{1}, Count: []int{1}}
	for _, c := range []struct {
		worth, variance []float64
		want            error
	}{
		{nil, []float64{1}, painpoint.ErrShape},
		{[]float64{1}, []float64{1, 2}, painpoint.ErrShape},
		{[]float64{1}, []float64{-1}, painpoint.ErrValue},
		{[]float64{math.NaN()}, nil, painpoint.ErrValue},
	} {
		one.Worth, one.Variance = c.worth, c.variance
		if _, err := painpoint.Fewer(one, estimate.Estimate{}, 0.5); !errors.Is(err, c.want) {
			t.Errorf("%v, %v: error %v", c.worth, c.variance, err)
		}
	}
}

func TestCustomersOfAnotherLengthAreRefused(t *testing.T) {
	if _, err := painpoint.Fewer(painpoint.Exposed{LogOdds: []float64{1}}, estimate.Estimate{}, 0.5); !errors.Is(err, painpoint.ErrShape) {
		t.Errorf("error %v", err)
	}
}

func ExampleThin() {
	left, err := painpoint.Thin(2, 0.5)
	fmt.Println(left, err)
	// Output: [0.25 0.5 0.25] <nil>
}

func ExampleFewer() {
	late := painpoint.Exposed{LogOdds: []float64{0, 0.4, -0.2}, Count: []int{1, 2, 1}}
	change, err := painpoint.Fewer(late, estimate.Normal(0.5, 0.1, 0.95, 400), 0.5)
	fmt.Printf("%.2f customers [%.2f, %.2f] %v\n", change.Value, change.Low, change.High, err)
	// Output: -0.24 customers [-0.33, -0.15] <nil>
}

func BenchmarkFewerIncidentsOf100000Customers(b *testing.B) {
	var e painpoint.Exposed
	for i := range 100_000 {
		e.LogOdds, e.Count = append(e.LogOdds, float64(i%9-4)), append(e.Count, 1+i%4)
	}
	w := estimate.Normal(0.4, 0.1, 0.95, 1000)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := painpoint.Fewer(e, w, 0.5); err != nil {
			b.Fatal(err)
		}
	}
}
