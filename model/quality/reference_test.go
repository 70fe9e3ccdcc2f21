package quality_test

import (
	"math"
	"testing"

	"github.com/churnwatch/churnwatch/model/quality"
)

func near(t *testing.T, name string, want, got, tolerance float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tolerance) {
		t.Errorf("%s = %v, want %v within %v", name, got, want, tolerance)
	}
}

// In numpy and scipy, the band by the exact quantiles that the cube comes near:
//
//	ref = np.arange(1, 41.)**1.5; now = np.arange(5, 55.)**1.5
//	edges = np.sort(ref)[[k * 40 // 10 for k in range(1, 10)]]
//	h = lambda x: np.bincount(np.searchsorted(edges, x, side='right'), minlength=10)
//	a, b = (h(ref) + .5) / 41, (h(now) + .5) / 51
//	((a - b) * np.log(a / b)).sum()
//	(1/40 + 1/50) * chi2.ppf([.025, .975], 9)
func TestStabilityIsTheIndexOfItsDefinition(t *testing.T) {
	var reference, now quality.Sample
	for i := range 40 {
		reference.Numbers = append(reference.Numbers, math.Pow(float64(i+1), 1.5))
	}
	for i := range 50 {
		now.Numbers = append(now.Numbers, math.Pow(float64(i+5), 1.5))
	}
	e, err := quality.Stability(reference, now, 0.95)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "PSI", 0.5814413456154974, e.Value, 1e-12)
	near(t, "low", 0.12151753, e.Low, 0.002)
	near(t, "high", 0.85602455, e.High, 0.002)
}

// The ROC-AUC is scikit-learn's of what the other rows of a level say:
//
//	lv = np.array(list('aaaabbbbbbccccc')); c = np.array([1,1,0,1, 0,0,1,0,0,0, 0,1,0,1,0])
//	s = [(c[lv == l].sum() - i + (c.sum() - i) / (len(c) - 1)) / (lv == l).sum() for l, i in zip(lv, c)]
//	roc_auc_score(c, s)
func TestSeparationIsTheAUCOfTheOtherRows(t *testing.T) {
	var s quality.Sample
	var churned []bool
	for i, l := range "aaaabbbbbbccccc" {
		s.Levels = append(s.Levels, string(l))
		churned = append(churned, []int{1, 1, 0, 1, 0, 0, 1, 0, 0, 0, 0, 1, 0, 1, 0}[i] == 1)
	}
	k, err := quality.Separation(s, churned)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "AUC", 0.6296296296296297, k.AUC, 1e-12)
}

// In numpy:
//
//	x = lambda i: np.log((w[i] + .5) / (w[i-8:i].mean() + .5))
//	past = [x(i) for i in range(8, 19)]; m = np.median(past)
//	sd = 1.4826 * np.median(np.abs(past - m)); base = w[11:19].mean(); e = np.exp(m) * base
//	e, (x(19) - m) / np.sqrt(sd**2 + 1 / (e + .5) + 1 / (base * 8 + .5))
func TestVolumeIsTheMovementOfItsDefinition(t *testing.T) {
	weeks := []float64{50, 53, 47, 61, 55, 49, 52, 58, 60, 51, 48, 57, 54, 62, 50, 49, 56, 53, 59, 30}
	m, err := quality.Volume(weeks, 1)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "expected", 55.253456221198164, m.Expected, 1e-9)
	near(t, "z", -3.0928577421587122, m.Z, 1e-9)
}
