package hotspot_test

import (
	"errors"
	"math"
	"testing"

	"pgregory.net/rapid"

	"github.com/churnwatch/churnwatch/model/hotspot"
)

// plainQ is Benjamini and Hochberg's procedure from its definition: the least
// level at which the hypothesis is rejected, found by trying all levels at
// which anything changes.
func plainQ(p []float64, i int) float64 {
	best := 1.0
	for _, level := range p {
		rank := 0
		for _, other := range p {
			if other <= level {
				rank++
			}
		}
		if p[i] <= level {
			best = min(best, level*float64(len(p))/float64(rank))
		}
	}
	return best
}

func TestQValuesAreTheLeastLevelsOfTheStepUpProcedure(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		p := rapid.SliceOfN(rapid.SampledFrom([]float64{1e-9, 0.001, 0.01, 0.02, 0.3, 0.31, 0.5, 1}), 1, 20).Draw(r, "p")
		logs := make([]float64, len(p))
		for i := range p {
			logs[i] = math.Log(p[i])
		}
		q, err := hotspot.Adjust(logs)
		if err != nil {
			r.Fatal(err)
		}
		for i := range q {
			if want := plainQ(p, i); math.Abs(q[i]-want) > 1e-12 {
				r.Fatalf("p-values %v: q of %d is %v, want %v", p, i, q[i], want)
			}
		}
	})
}

// The fifteen p-values of Benjamini and Hochberg (1995), section 3.2, of which
// the procedure rejects four at 0.05 (and Bonferroni three). The q-values are
//
//	np.minimum.accumulate((p * 15 / np.arange(1, 16))[::-1])[::-1]
func TestTheExampleOfTheProcedureHasFourDiscoveries(t *testing.T) {
	p := []float64{.0001, .0004, .0019, .0095, .0201, .0278, .0298, .0344, .0459, .3240, .4262, .5719, .6528, .7590, 1}
	want := []float64{
		.0015, .003, .0095, .035625, .0603, .063857, .063857, .0645, .0765, .486, .581182, .714875, .753231, .813214, 1,
	}
	logs := make([]float64, len(p))
	for i := range p {
		logs[i] = math.Log(p[i])
	}
	q, err := hotspot.Adjust(logs)
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for i := range q {
		if math.Abs(q[i]-want[i]) > 1e-6 {
			t.Errorf("q-value %d is %v, want %v", i, q[i], want[i])
		}
		if q[i] <= 0.05 {
			found++
		}
	}
	if found != 4 {
		t.Errorf("%d discoveries at 0.05, published are 4", found)
	}
}

func TestQValuesFollowTheirCells(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		logs := rapid.SliceOfN(rapid.Float64Range(-50, 0), 1, 30).Draw(r, "logs")
		order := rapid.Permutation(indexes(len(logs))).Draw(r, "order")
		moved := make([]float64, len(logs))
		for i, j := range order {
			moved[i] = logs[j]
		}
		q, _ := hotspot.Adjust(logs)
		other, _ := hotspot.Adjust(moved)
		for i, j := range order {
			if math.Abs(other[i]-q[j]) > 1e-15 {
				r.Fatalf("moved from %d to %d: q %v, was %v", j, i, other[i], q[j])
			}
		}
	})
}

func TestAPValueAboveOneIsRefused(t *testing.T) {
	for _, bad := range []float64{0.1, math.NaN()} {
		if _, err := hotspot.Adjust([]float64{-1, bad}); !errors.Is(err, hotspot.ErrValue) {
			t.Errorf("log p-value %v: %v", bad, err)
		}
	}
}

// Log tails by scipy 1.10: pearson3(skewness).logcdf(z), logsf(z).
func TestTailsOfMeansAreThoseOfScipy(t *testing.T) {
	for _, c := range []struct{ z, skewness, lower, upper float64 }{
		{-3, 0, -6.60772622151, -0.00135080996475},
		{2.5, 0.4, -0.0126767513221, -4.37431724751},
		{-4, -0.6, -6.9977832004, -0.00091432353377},
		{1, 1.2, -0.160714244864, -1.90740851038},
	} {
		lower, upper := hotspot.LogMeanTails(c.z, c.skewness)
		if math.Abs(lower-c.lower) > 1e-9 || math.Abs(upper-c.upper) > 1e-9 {
			t.Errorf("%+v: lower %.12g, upper %.12g", c, lower, upper)
		}
	}
}

func indexes(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}
