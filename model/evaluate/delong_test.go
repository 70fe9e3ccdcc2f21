package evaluate_test

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"github.com/churnwatch/churnwatch/model/evaluate"
)

// References from the definition, all pairs written out in numpy:
//
//	def delong(*scores):
//	    d = [(x[y == 1][:, None] > x[y == 0]) + 0.5 * (x[y == 1][:, None] == x[y == 0]) for x in scores]
//	    k = d[0] if len(d) == 1 else d[0] - d[1]
//	    v1, v0 = k.mean(1).var(ddof=1), k.mean(0).var(ddof=1)
//	    return k.mean(), (v1 / (y == 1).sum() + v0 / (y == 0).sum()) ** .5
//	delong(s); delong(s, s[::-1]); delong(s, np.arange(20) * 7 % 20)
func TestDeLongIsThatOfAllPairs(t *testing.T) {
	e, err := evaluate.DeLong(twentyScores, twentyLabels, 0.95)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "AUC", 0.7121212121212122, e.Value, exact)
	near(t, "its standard error", 0.12307594814310949, e.StandardError, exact)

	backwards, shuffled := make([]float64, 20), make([]float64, 20)
	for i := range backwards {
		backwards[i], shuffled[i] = twentyScores[19-i], float64(i*7%20)
	}
	for _, c := range []struct {
		name      string
		other     []float64
		value, se float64
	}{
		{"backwards", backwards, 0.43434343434343436, 0.2422584660460446},
		{"shuffled", shuffled, 0.10606060606060606, 0.15607204691481688},
	} {
		d, err := evaluate.DeLongDifference(twentyScores, c.other, twentyLabels, 0.95)
		if err != nil {
			t.Fatal(err)
		}
		near(t, c.name, c.value, d.Value, exact)
		near(t, c.name+", its standard error", c.se, d.StandardError, exact)
	}
}

func BenchmarkDeLongOf100000Rows(b *testing.B) {
	score, churned := make([]float64, 100_000), make([]bool, 100_000)
	for i := range score {
		score[i], churned[i] = float64(i*7919%9973), i*31%7 < 2
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := evaluate.DeLong(score, churned, 0.95); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkRankingOf100000Rows(b *testing.B) {
	score, churned := make([]float64, 100_000), make([]bool, 100_000)
	for i := range score {
		score[i], churned[i] = float64(i*7919%9973)/9973, i*31%7 < 2
	}
	b.ReportAllocs()
	for b.Loop() {
		r, err := evaluate.NewRanking(score, churned, nil)
		if err != nil {
			b.Fatal(err)
		}
		r.AUC(nil)
		r.AveragePrecision(nil)
	}
}

// Whoever ranks the kept instead has the AUC's complement with the same error,
// and only the order of the scores counts.
func TestDeLongOfTheOtherClassIsItsComplement(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		n := rapid.IntRange(8, 40).Draw(r, "rows")
		score, squeezed, churned, kept := make([]float64, n), make([]float64, n), make([]bool, n), make([]bool, n)
		for i := range n {
			score[i] = float64(rapid.IntRange(-6, 6).Draw(r, "score"))
			squeezed[i] = math.Atan(score[i])
			churned[i] = i < 2 || i > 3 && rapid.Bool().Draw(r, "churned")
			kept[i] = !churned[i]
		}
		e, err := evaluate.DeLong(score, churned, 0.95)
		if err != nil {
			r.Fatal(err)
		}
		other, err := evaluate.DeLong(score, kept, 0.95)
		if err != nil {
			r.Fatal(err)
		}
		same, err := evaluate.DeLong(squeezed, churned, 0.95)
		if err != nil {
			r.Fatal(err)
		}
		if math.Abs(e.Value+other.Value-1) > exact || math.Abs(e.StandardError-other.StandardError) > exact {
			r.Errorf("AUC %v +- %v, of the kept %v +- %v", e.Value, e.StandardError, other.Value, other.StandardError)
		}
		if e.Value != same.Value || e.StandardError != same.StandardError {
			r.Errorf("squeezed scores give %+v, not %+v", same, e)
		}
	})
}
