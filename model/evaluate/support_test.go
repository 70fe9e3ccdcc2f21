package evaluate_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

// Twenty rows with ties, made up for these tests; reference values of them are
// from scikit-learn 1.2.1.
var (
	twentyScores = []float64{
		0.05, 0.10, 0.10, 0.15, 0.20, 0.20, 0.20, 0.25, 0.30, 0.35,
		0.40, 0.40, 0.45, 0.50, 0.50, 0.55, 0.60, 0.70, 0.80, 0.90,
	}
	twentyLabels = labels(0, 0, 1, 0, 0, 0, 1, 0, 1, 0, 0, 1, 0, 1, 0, 1, 1, 0, 1, 1)
	twentyWeight = []float64{1, 2, 0, 1, 3, 1, 1, 0, 2, 1, 1, 2, 1, 1, 0, 3, 1, 1, 2, 1}
)

// exact is for sums that differ from the reference by rounding alone.
const exact = 1e-12

func labels(values ...int) []bool {
	out := make([]bool, len(values))
	for i, v := range values {
		out[i] = v == 1
	}
	return out
}

func near(t *testing.T, name string, want, got, tolerance float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tolerance) {
		t.Errorf("%s = %v, want %v within %v", name, got, want, tolerance)
	}
}

// rows is a drawn sample with both outcomes and plenty of ties.
type rows struct {
	score   []float64
	churned []bool
	tie     []uint64
}

func drawRows(t *rapid.T) rows {
	n := rapid.IntRange(4, 60).Draw(t, "n")
	r := rows{
		score:   rapid.SliceOfN(rapid.Map(rapid.IntRange(0, 12), func(i int) float64 { return float64(i) / 12 }), n, n).Draw(t, "score"),
		churned: rapid.SliceOfN(rapid.Bool(), n, n).Draw(t, "churned"),
		tie:     rapid.SliceOfN(rapid.Uint64(), n, n).Draw(t, "tie"),
	}
	r.churned[0], r.churned[1], r.churned[2], r.churned[3] = true, false, true, false
	return r
}

// simulated returns n rows whose outcome follows the probability.
func simulated(n int, seed uint64) (probability []float64, churned []bool) {
	random := rand.New(rand.NewPCG(seed, 1))
	for range n {
		p := 1 / (1 + math.Exp(1-1.2*random.NormFloat64()))
		probability = append(probability, p)
		churned = append(churned, random.Float64() < p)
	}
	return probability, churned
}
