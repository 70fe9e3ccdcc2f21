package evaluate_test

import (
	"errors"
	"math"
	"testing"

	"pgregory.net/rapid"

	"github.com/churnwatch/churnwatch/model/evaluate"
)

func TestRankingMeasuresMatchScikitLearn(t *testing.T) {
	// The example of scikit-learn's documentation of roc_auc_score and
	// average_precision_score.
	score, churned := []float64{0.1, 0.4, 0.35, 0.8}, labels(0, 0, 1, 1)
	auc, err := evaluate.AUC(score, churned)
	if err != nil {
		t.Fatal(err)
	}
	precision, err := evaluate.AveragePrecision(score, churned)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "documented AUC", 0.75, auc, exact)
	near(t, "documented AP", 0.8333333333333333, precision, exact)

	r, err := evaluate.NewRanking(twentyScores, twentyLabels, nil)
	if err != nil {
		t.Fatal(err)
	}
	// roc_auc_score, average_precision_score, brier_score_loss, log_loss of
	// scikit-learn 1.2.1, without and with sample_weight.
	near(t, "AUC", 0.712121212121212, r.AUC(nil), exact)
	near(t, "AP", 0.7134781397939294, r.AveragePrecision(nil), exact)
	near(t, "Brier", 0.21825, r.Brier(nil), exact)
	near(t, "log loss", 0.6326153926902565, r.LogLoss(nil), exact)
	near(t, "weighted AUC", 0.8461538461538461, r.AUC(twentyWeight), exact)
	near(t, "weighted AP", 0.8439536958767728, r.AveragePrecision(twentyWeight), exact)
	near(t, "weighted Brier", 0.1851, r.Brier(twentyWeight), exact)
	near(t, "weighted log loss", 0.5383848886044458, r.LogLoss(twentyWeight), exact)
}

func TestAUCIsTheShareOfPairsInOrderWithTiesHalf(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := drawRows(t)
		var pairs, won float64
		for i := range r.score {
			for j := range r.score {
				if r.churned[i] && !r.churned[j] {
					pairs++
					switch {
					case r.score[i] > r.score[j]:
						won++
					case r.score[i] == r.score[j]:
						won += 0.5
					}
				}
			}
		}
		got, err := evaluate.AUC(r.score, r.churned)
		if err != nil || math.Abs(got-won/pairs) > exact {
			t.Fatalf("AUC = %v, %v, want %v", got, err, won/pairs)
		}
	})
}

func TestRankingsSeeOnlyTheOrderOfScores(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := drawRows(t)
		moved := make([]float64, len(r.score))
		for i, s := range r.score {
			moved[i] = math.Exp(3*s) - 7
		}
		a, _ := evaluate.NewRanking(r.score, r.churned, r.tie)
		b, _ := evaluate.NewRanking(moved, r.churned, r.tie)
		if a.AUC(nil) != b.AUC(nil) || a.AveragePrecision(nil) != b.AveragePrecision(nil) || a.Gain(nil, 0.3) != b.Gain(nil, 0.3) {
			t.Fatal("a monotone change of the scores changed a ranking measure")
		}
	})
}

func TestTheOrderOfRowsDecidesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := drawRows(t)
		for i := range r.tie {
			r.tie[i] = r.tie[i]<<8 | uint64(i) // distinct, as hashes of ids are
		}
		order := rapid.Permutation(seq(len(r.score))).Draw(t, "order")
		var s rows
		for _, i := range order {
			s.score = append(s.score, r.score[i])
			s.churned = append(s.churned, r.churned[i])
			s.tie = append(s.tie, r.tie[i])
		}
		a, _ := evaluate.NewRanking(r.score, r.churned, r.tie)
		b, _ := evaluate.NewRanking(s.score, s.churned, s.tie)
		for name, m := range map[string]evaluate.Metric{
			"AUC": (*evaluate.Ranking).AUC, "AP": (*evaluate.Ranking).AveragePrecision,
			"Brier": (*evaluate.Ranking).Brier, "lift": evaluate.LiftAt(0.1), "gain": evaluate.GainAt(0.2),
		} {
			if m(a, nil) != m(b, nil) {
				t.Fatalf("%s depends on the order of rows", name)
			}
		}
	})
}

func TestAWeightOfTwoIsARowTwice(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := drawRows(t)
		weight := make([]float64, len(r.score))
		var twice rows
		for i := range weight {
			weight[i] = float64(rapid.IntRange(0, 3).Draw(t, "weight"))
			if i < 2 {
				weight[i] = 2
			}
			for range int(weight[i]) {
				twice.score = append(twice.score, r.score[i])
				twice.churned = append(twice.churned, r.churned[i])
			}
		}
		a, _ := evaluate.NewRanking(r.score, r.churned, nil)
		b, _ := evaluate.NewRanking(twice.score, twice.churned, nil)
		for name, m := range map[string]evaluate.Metric{
			"AUC": (*evaluate.Ranking).AUC, "AP": (*evaluate.Ranking).AveragePrecision, "Brier": (*evaluate.Ranking).Brier,
			"log loss": (*evaluate.Ranking).LogLoss, "level": (*evaluate.Ranking).Level, "base rate": (*evaluate.Ranking).BaseRate,
		} {
			if got, want := m(a, weight), m(b, nil); math.Abs(got-want) > 1e-9 {
				t.Fatalf("%s weighted = %v, duplicated = %v", name, got, want)
			}
		}
	})
}

func TestGainOfAllIsAllAndNeverFallsWithTheFraction(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := drawRows(t)
		last := 0.0
		for _, f := range []float64{0.05, 0.1, 0.2, 0.5, 1} {
			gain, err := evaluate.Gain(r.score, r.churned, r.tie, f)
			if err != nil || gain < last {
				t.Fatalf("gain at %v = %v after %v, %v", f, gain, last, err)
			}
			last = gain
		}
		if math.Abs(last-1) > exact {
			t.Fatalf("gain of all = %v", last)
		}
	})
}

func TestTiesAreDecidedByTheirKey(t *testing.T) {
	// Ten rows of one score: the single churned one is first only by its key.
	score, churned, tie := make([]float64, 10), labels(0, 0, 0, 0, 0, 0, 1, 0, 0, 0), make([]uint64, 10)
	for i := range tie {
		tie[i] = uint64(100 - i)
	}
	tie[6] = 1
	lift, err := evaluate.Lift(score, churned, tie, 0.1)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "lift with the key", 10, lift, exact)
	if lift, err = evaluate.Lift(score, churned, nil, 0.1); err != nil {
		t.Fatal(err)
	}
	near(t, "lift by position", 0, lift, exact)
}

func TestBadRowsAreRefused(t *testing.T) {
	for name, c := range map[string]struct {
		score   []float64
		churned []bool
		want    error
	}{
		"lengths":   {[]float64{1, 2}, labels(1), evaluate.ErrShape},
		"no rows":   {nil, nil, evaluate.ErrShape},
		"NaN":       {[]float64{1, math.NaN()}, labels(1, 0), evaluate.ErrValue},
		"infinite":  {[]float64{1, math.Inf(1)}, labels(1, 0), evaluate.ErrValue},
		"one class": {[]float64{1, 2}, labels(1, 1), evaluate.ErrOneClass},
	} {
		if _, err := evaluate.AUC(c.score, c.churned); !errors.Is(err, c.want) {
			t.Errorf("%s: error %v, want %v", name, err, c.want)
		}
	}
	if _, err := evaluate.Brier([]float64{1.1}, labels(1)); !errors.Is(err, evaluate.ErrValue) {
		t.Errorf("probability 1.1: error %v", err)
	}
	if _, err := evaluate.Lift([]float64{1, 2}, labels(1, 0), nil, 0); !errors.Is(err, evaluate.ErrValue) {
		t.Errorf("fraction 0: error %v", err)
	}
}

func seq(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}
