package evaluate_test

import (
	"fmt"
	"testing"

	"github.com/churnwatch/churnwatch/model/evaluate"
)

// In numpy, by Newton's method; a customer's influences at both cutoffs are
// added before they are squared:
//
//	def fit(p, y):
//	    X = np.c_[np.ones(len(p)), np.log(p / (1 - p))]; b = np.zeros(2)
//	    for _ in range(60):
//	        q = 1 / (1 + np.exp(-X @ b)); B = np.linalg.inv(X.T @ (X * (q * (1 - q))[:, None])); b = b + B @ (X.T @ (y - q))
//	    return b[1], ((y - q)[:, None] * X) @ B[1]
//	b1, e1 = fit(s, y); b2, e2 = fit(s[::-1] * .5 + .2, y[::-1])
//	(20/19 * (e1**2).sum())**.5, (20/19 * (e2**2).sum())**.5, (20/19 * ((e1/2 + e2/2)**2).sum())**.5
func TestCalibrationSlopesAreThoseOfNumpy(t *testing.T) {
	var second evaluate.Cutoff
	for i := range twentyScores {
		second.Customer = append(second.Customer, i)
		second.Score, second.Churned = append(second.Score, twentyScores[19-i]*0.5+0.2), append(second.Churned, twentyLabels[19-i])
	}
	got, err := evaluate.CalibrationSlopes([]evaluate.Cutoff{{Customer: seq(20), Score: twentyScores, Churned: twentyLabels}, second}, 0.95)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "first", 0.7079310524307627, got.Cutoffs[0].Value, 1e-9)
	near(t, "its error", 0.43099695820488537, got.Cutoffs[0].StandardError, 1e-9)
	near(t, "second", 1.6718653817991005, got.Cutoffs[1].Value, 1e-9)
	near(t, "its error", 1.0264128070870981, got.Cutoffs[1].StandardError, 1e-9)
	near(t, "mean", 1.1898982171149317, got.Mean.Value, 1e-9)
	near(t, "its error", 0.6775953272271823, got.Mean.StandardError, 1e-9)
}

func ExampleCalibrationSlopes() {
	cutoff := evaluate.Cutoff{
		Customer: []int{0, 1, 2, 3, 4, 5, 6, 7},
		Score:    []float64{0.9, 0.8, 0.7, 0.6, 0.4, 0.3, 0.2, 0.1},
		Churned:  []bool{true, true, false, true, false, true, false, false},
	}
	slopes, err := evaluate.CalibrationSlopes([]evaluate.Cutoff{cutoff}, 0.95)
	fmt.Printf("%.2f over %d customers %v\n", slopes.Mean.Value, slopes.Mean.N, err)
	// Output: 1.07 over 8 customers <nil>
}
