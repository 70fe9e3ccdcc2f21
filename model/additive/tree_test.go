package additive_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/churnwatch/churnwatch/model/additive"
)

// The leaves are those of an independent implementation on the same cells:
// scikit-learn 1.2.1, X the row and column of 12 cells, r as below,
//
//	DecisionTreeRegressor(max_leaf_nodes=31).fit(X, r/4, sample_weight=np.full(12, 4.0)).apply(X)
//
// each leaf's step being 0.1 * sum of residuals / (information + 1).
func TestATreeSplitsCellsWhereTheReferenceDoes(t *testing.T) {
	residual := []float64{
		6, 6, -2, -2,
		6, 6, -2, 3,
		-4, -4, -4, -4,
	}
	information, weight := make([]float64, 12), make([]float64, 12)
	for i := range weight {
		information[i], weight[i] = 4, 20
	}
	want := []float64{
		0.141176, 0.141176, -0.044444, -0.044444,
		0.141176, 0.141176, -0.04, 0.06,
		-0.094118, -0.094118, -0.094118, -0.094118,
	}
	if diff := cmp.Diff(want, additive.Grow(residual, information, weight, 4), cmpopts.EquateApprox(0, 1e-6)); diff != "" {
		t.Error(diff)
	}
}

func TestAFreshLookAtEqualResidualsSplitsNothing(t *testing.T) {
	ones, weight := []float64{1, 1, 1, 1, 1, 1}, []float64{50, 50, 50, 50, 50, 50}
	want := []float64{0.1 * 6 / 7, 0.1 * 6 / 7, 0.1 * 6 / 7, 0.1 * 6 / 7, 0.1 * 6 / 7, 0.1 * 6 / 7}
	if diff := cmp.Diff(want, additive.Grow(ones, ones, weight, 3), cmpopts.EquateApprox(0, 1e-12)); diff != "" {
		t.Error(diff)
	}
}

// With weights that are products of their margins, what is left of a surface is
// that of a two-way layout: the cell less its row's and its column's mean, plus
// the mean of all (Scheffe 1959, section 4.1).
func TestPurifyingIsTheTwoWayInteraction(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		const rows, columns = 3, 4
		value := rapid.Float64Range(-2, 2)
		share := rapid.Float64Range(0.1, 5)
		a, b := make([]float64, rows), make([]float64, columns)
		for i := range a {
			a[i] = share.Draw(r, "row")
		}
		for j := range b {
			b[j] = share.Draw(r, "column")
		}
		values, weights := make([]float64, rows*columns), make([]float64, rows*columns)
		var rowMean [rows]float64
		var columnMean [columns]float64
		var all, sumA, sumB float64
		for _, v := range a {
			sumA += v
		}
		for _, v := range b {
			sumB += v
		}
		for i := range rows {
			for j := range columns {
				v := value.Draw(r, "value")
				values[i*columns+j], weights[i*columns+j] = v, a[i]*b[j]
				rowMean[i] += v * b[j] / sumB
				columnMean[j] += v * a[i] / sumA
				all += v * a[i] * b[j] / sumA / sumB
			}
		}
		want := make([]float64, len(values))
		for at, v := range values {
			want[at] = v - rowMean[at/columns] - columnMean[at%columns] + all
		}
		if diff := cmp.Diff(want, additive.Purify(values, weights, columns), cmpopts.EquateApprox(0, 1e-9)); diff != "" {
			r.Fatal(diff)
		}
	})
}
