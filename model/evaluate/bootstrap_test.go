package evaluate_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/churnwatch/churnwatch/model/evaluate"
)

// repeated returns cutoffs whose rows are the same customers with a common
// part of their risk, so rows of one customer hang together.
func repeated(customers, cutoffs int, seed uint64) []evaluate.Cutoff {
	random := rand.New(rand.NewPCG(seed, 2))
	out := make([]evaluate.Cutoff, cutoffs)
	for i := range customers {
		score, lasting := random.NormFloat64(), random.NormFloat64()
		for c := range out {
			out[c].Customer = append(out[c].Customer, i)
			out[c].Score = append(out[c].Score, score+0.1*random.NormFloat64())
			out[c].Churned = append(out[c].Churned, score+2*lasting+0.1*random.NormFloat64() > 0.5)
		}
	}
	return out
}

func TestTheBootstrapIsTheSameWhateverTheThreads(t *testing.T) {
	cutoffs := repeated(200, 3, 1)
	metrics := []evaluate.Metric{(*evaluate.Ranking).AUC, evaluate.LiftAt(0.1)}
	one, err := evaluate.Bootstrap(cutoffs, metrics, evaluate.Options{Resamples: 60, Seed: 7})
	if err != nil {
		t.Fatal(err)
	}
	five, err := evaluate.Bootstrap(cutoffs, metrics, evaluate.Options{Resamples: 60, Seed: 7, Threads: 5})
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(one, five); d != "" {
		t.Errorf("threads changed the result (-one +five):\n%s", d)
	}
	other, err := evaluate.Bootstrap(cutoffs, metrics, evaluate.Options{Resamples: 60, Seed: 8})
	if err != nil {
		t.Fatal(err)
	}
	if cmp.Equal(one, other) {
		t.Error("another seed gave the same intervals")
	}
}

func TestTheBootstrapOfOneCutoffAgreesWithDeLong(t *testing.T) {
	p, y := simulated(1500, 11)
	boot, err := evaluate.Bootstrap([]evaluate.Cutoff{{Customer: seq(len(p)), Churned: y, Score: p}},
		[]evaluate.Metric{(*evaluate.Ranking).AUC}, evaluate.Options{Resamples: 600, Seed: 1, Threads: 2})
	if err != nil {
		t.Fatal(err)
	}
	delong, err := evaluate.DeLong(p, y, 0.95)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "value", delong.Value, boot[0].Mean.Value, exact)
	// 600 resamples know a standard error to about 3 %; four of those.
	near(t, "ratio of standard errors", 1, boot[0].Mean.StandardError/delong.StandardError, 0.12)
}

func TestRowsOfOneCustomerAreResampledTogether(t *testing.T) {
	clustered := repeated(300, 4, 3)
	naive := repeated(300, 4, 3)
	for c := range naive {
		for i := range naive[c].Customer {
			naive[c].Customer[i] += 1000 * c
		}
	}
	o := evaluate.Options{Resamples: 300, Seed: 2}
	metrics := []evaluate.Metric{(*evaluate.Ranking).AUC}
	a, err := evaluate.Bootstrap(clustered, metrics, o)
	if err != nil {
		t.Fatal(err)
	}
	b, err := evaluate.Bootstrap(naive, metrics, o)
	if err != nil {
		t.Fatal(err)
	}
	// The four cutoffs say nearly the same, so their mean is hardly surer than one.
	if ratio := a[0].Mean.StandardError / b[0].Mean.StandardError; ratio < 1.6 {
		t.Errorf("clustered over naive standard error = %v, want near 2", ratio)
	}
	if a[0].Mean.N != 300 {
		t.Errorf("N = %d, want the 300 customers", a[0].Mean.N)
	}
}

func TestPairedDifferencesAreSurerThanTheirParts(t *testing.T) {
	cutoffs := repeated(400, 2, 4)
	random := rand.New(rand.NewPCG(1, 1))
	other := make([][]float64, len(cutoffs))
	for c := range cutoffs {
		for _, s := range cutoffs[c].Score {
			other[c] = append(other[c], s+0.3*random.NormFloat64())
		}
	}
	o := evaluate.Options{Resamples: 300, Seed: 9}
	parts, err := evaluate.Bootstrap(cutoffs, []evaluate.Metric{(*evaluate.Ranking).AUC}, o)
	if err != nil {
		t.Fatal(err)
	}
	d, err := evaluate.PairedDifference(cutoffs, other, (*evaluate.Ranking).AUC, o)
	if err != nil {
		t.Fatal(err)
	}
	if d.Mean.StandardError > parts[0].Mean.StandardError {
		t.Errorf("difference %v less sure than its part %v", d.Mean.StandardError, parts[0].Mean.StandardError)
	}
	same, err := evaluate.PairedDifference(cutoffs, [][]float64{cutoffs[0].Score, cutoffs[1].Score}, (*evaluate.Ranking).AUC, o)
	if err != nil {
		t.Fatal(err)
	}
	if same.Mean.Value != 0 || same.Mean.Low != 0 || same.Mean.High != 0 {
		t.Errorf("a score against itself: %+v", same.Mean)
	}
}

func TestBrokenCutoffsAreRefused(t *testing.T) {
	auc := []evaluate.Metric{(*evaluate.Ranking).AUC}
	for name, c := range map[string]struct {
		cutoffs []evaluate.Cutoff
		want    error
	}{
		"none":            {nil, evaluate.ErrShape},
		"customers":       {[]evaluate.Cutoff{{Customer: []int{1}, Churned: labels(0, 1), Score: []float64{1, 2}}}, evaluate.ErrShape},
		"one class":       {[]evaluate.Cutoff{{Customer: []int{1, 2}, Churned: labels(0, 0), Score: []float64{1, 2}}}, evaluate.ErrOneClass},
		"negative weight": {[]evaluate.Cutoff{{Customer: []int{1, 2}, Churned: labels(0, 1), Score: []float64{1, 2}, Weight: []float64{1, -1}}}, evaluate.ErrValue},
	} {
		if _, err := evaluate.Bootstrap(c.cutoffs, auc, evaluate.Options{Resamples: 5}); !errors.Is(err, c.want) {
			t.Errorf("%s: error %v, want %v", name, err, c.want)
		}
	}
}

func TestDeLongIsItsDefinition(t *testing.T) {
	auc, err := evaluate.DeLong(twentyScores, twentyLabels, 0.95)
	if err != nil {
		t.Fatal(err)
	}
	// DeLong, DeLong and Clarke-Pearson (1988), equations 3 to 5, term by term.
	var one, kept []float64
	for i := range twentyScores {
		var sum, count float64
		for j := range twentyScores {
			if twentyLabels[j] == twentyLabels[i] {
				continue
			}
			count++
			up, down := i, j
			if twentyLabels[j] {
				up, down = j, i
			}
			switch {
			case twentyScores[up] > twentyScores[down]:
				sum++
			case twentyScores[up] == twentyScores[down]:
				sum += 0.5
			}
		}
		if twentyLabels[i] {
			one = append(one, sum/count)
		} else {
			kept = append(kept, sum/count)
		}
	}
	want := math.Sqrt(variance(one)/float64(len(one)) + variance(kept)/float64(len(kept)))
	near(t, "standard error", want, auc.StandardError, exact)
	near(t, "AUC", 0.712121212121212, auc.Value, exact)
	self, err := evaluate.DeLongDifference(twentyScores, twentyScores, twentyLabels, 0)
	if err != nil || self.Value != 0 || self.StandardError != 0 {
		t.Errorf("difference with itself: %+v, %v", self, err)
	}
}

func variance(v []float64) float64 {
	var mean, sum float64
	for _, x := range v {
		mean += x / float64(len(v))
	}
	for _, x := range v {
		sum += (x - mean) * (x - mean)
	}
	return sum / float64(len(v)-1)
}

func BenchmarkBootstrapAUCOf1000ResamplesOf12000Rows(b *testing.B) {
	cutoffs := repeated(3000, 4, 1)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := evaluate.Bootstrap(cutoffs, []evaluate.Metric{(*evaluate.Ranking).AUC}, evaluate.Options{Seed: 1}); err != nil {
			b.Fatal(err)
		}
	}
}
