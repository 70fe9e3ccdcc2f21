package evaluate_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"

	"github.com/churnwatch/churnwatch/model/evaluate"
)

func TestRecalibrationMatchesAnUnpenalisedLogisticFit(t *testing.T) {
	c, err := evaluate.Calibrate(twentyScores, twentyLabels, 0.95)
	if err != nil {
		t.Fatal(err)
	}
	// LogisticRegression(penalty=None) of scikit-learn 1.2.1 on logit(p); the
	// standard error from the inverse information matrix in numpy.
	near(t, "slope", 0.70793101, c.Slope.Value, 1e-6)
	near(t, "intercept", 0.19258583, c.Intercept, 1e-6)
	near(t, "slope error", 0.4500088779, c.Slope.StandardError, 1e-6)
	near(t, "level", -0.065, c.Level.Value, exact)
	near(t, "level error", 0.10613422484858749, c.Level.StandardError, exact)
}

func TestTrueProbabilitiesShowThePerfectError(t *testing.T) {
	var raw, perfect float64
	covered := 0
	const tries = 60
	for seed := range uint64(tries) {
		p, y := simulated(1000, seed)
		c, err := evaluate.Calibrate(p, y, 0.95)
		if err != nil {
			t.Fatal(err)
		}
		raw += c.Error / tries
		perfect += c.ErrorOfPerfect / tries
		if c.Slope.Contains(1) && c.Level.Contains(0) {
			covered++
		}
	}
	// The mean of 60 errors has a standard error near 0.001.
	near(t, "mean error beside its expectation", perfect, raw, 0.003)
	if covered < tries*80/100 {
		t.Errorf("slope 1 and level 0 both covered in %d of %d", covered, tries)
	}
}

func TestPerfectErrorIsThatOfSimulation(t *testing.T) {
	p, _ := simulated(300, 5)
	random := rand.New(rand.NewPCG(8, 8))
	const draws = 4000
	var simulated float64
	y := make([]bool, len(p))
	for range draws {
		for i := range y {
			y[i] = random.Float64() < p[i]
		}
		bins, err := evaluate.Reliability(p, y, 10)
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range bins {
			simulated += float64(b.N) / float64(len(p)) * math.Abs(b.Predicted-b.Observed) / draws
		}
	}
	y[0], y[1] = true, false
	c, err := evaluate.Calibrate(p, y, 0)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "error of perfect", simulated, c.ErrorOfPerfect, 0.001)
}

func TestTooExtremeScoresHaveASlopeBelowOne(t *testing.T) {
	p, y := simulated(20000, 3)
	extreme := make([]float64, len(p))
	for i, v := range p {
		o := 2*math.Log(v/(1-v)) + 0.7
		extreme[i] = 1 / (1 + math.Exp(-o))
	}
	c, err := evaluate.Calibrate(extreme, y, 0.999)
	if err != nil {
		t.Fatal(err)
	}
	if !c.Slope.Contains(0.5) {
		t.Errorf("slope %+v does not hold 0.5", c.Slope)
	}
	if c.Level.Low < 0 || c.ErrorAfterLevel >= c.Error {
		t.Errorf("a level shift was not seen: %+v", c)
	}
}

func TestMovingTheInterceptMeetsTheRateAndKeepsTheOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := rapid.SliceOfN(rapid.Float64Range(0, 1), 1, 30).Draw(t, "p")
		rate := rapid.Float64Range(0.01, 0.99).Draw(t, "rate")
		q, err := evaluate.Recalibrate(p, rate)
		if err != nil {
			t.Fatal(err)
		}
		var mean float64
		for i := range q {
			mean += q[i] / float64(len(q))
			for j := range q {
				if p[i] < p[j] && q[i] > q[j] {
					t.Fatal("order changed")
				}
			}
		}
		if math.Abs(mean-rate) > 1e-9 {
			t.Fatalf("mean %v, want %v", mean, rate)
		}
	})
}

func TestBinsHoldEveryRowOnceAndSplitNoTie(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := drawRows(t)
		bins, err := evaluate.Reliability(r.score, r.churned, 10)
		if err != nil {
			t.Fatal(err)
		}
		n, churned, last := 0, 0, -1.0
		for _, b := range bins {
			if b.Low <= last || b.High < b.Low || b.N == 0 {
				t.Fatalf("bins overlap or are empty: %+v", bins)
			}
			last = b.High
			n += b.N
			churned += b.Churned
		}
		want := 0
		for _, c := range r.churned {
			if c {
				want++
			}
		}
		if n != len(r.score) || churned != want {
			t.Fatalf("%d rows with %d churned in bins, want %d with %d", n, churned, len(r.score), want)
		}
	})
}

func TestEqualProbabilitiesHaveNoSlopeButALevel(t *testing.T) {
	c, err := evaluate.Calibrate([]float64{0.5, 0.5, 0.5, 0.5}, labels(1, 0, 0, 0), 0.9)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "level", 0.25, c.Level.Value, exact)
	near(t, "error", 0.25, c.Error, exact)
	near(t, "error after level", 0, c.ErrorAfterLevel, 1e-9)
	// E|X - 2|/4 for X binomial(4, 1/2) is 0.75/4.
	near(t, "error of perfect", 0.1875, c.ErrorOfPerfect, exact)
	if len(c.Slope.Warnings) == 0 || c.Slope.Value != 0 {
		t.Errorf("slope %+v, want none with a warning", c.Slope)
	}
}

func TestCalibrationSlopesCarryTheErrorOfResampledCustomers(t *testing.T) {
	// Rows of one customer hang together and churn for reasons of his own, so
	// rows taken as independent would give a smaller error.
	cutoffs := repeated(600, 4, 5)
	var naive float64
	for c := range cutoffs {
		for i, v := range cutoffs[c].Score {
			cutoffs[c].Score[i] = 1 / (1 + math.Exp(-v))
		}
		one, err := evaluate.Calibrate(cutoffs[c].Score, cutoffs[c].Churned, 0)
		if err != nil {
			t.Fatal(err)
		}
		naive += one.Slope.StandardError * one.Slope.StandardError / 16
	}
	got, err := evaluate.CalibrationSlopes(cutoffs, 0)
	if err != nil {
		t.Fatal(err)
	}
	want, err := evaluate.Bootstrap(cutoffs, []evaluate.Metric{evaluate.Slope}, evaluate.Options{Resamples: 2000, Seed: 3, Threads: 2})
	if err != nil {
		t.Fatal(err)
	}
	near(t, "mean slope", want[0].Mean.Value, got.Mean.Value, 1e-9)
	// 2,000 resamples know their deviation to 1.6 %.
	near(t, "error of the mean slope", 1, got.Mean.StandardError/want[0].Mean.StandardError, 0.06)
	for c := range cutoffs {
		near(t, "slope", want[0].Cutoffs[c].Value, got.Cutoffs[c].Value, 1e-9)
		near(t, "error of a slope", 1, got.Cutoffs[c].StandardError/want[0].Cutoffs[c].StandardError, 0.06)
	}
	if got.Mean.StandardError < 1.3*math.Sqrt(naive) {
		t.Errorf("error %v of the mean, %v if rows were independent", got.Mean.StandardError, math.Sqrt(naive))
	}
}

func TestACutoffOfEqualScoresHasNoSlope(t *testing.T) {
	p, y := simulated(300, 4)
	flat := make([]float64, len(p))
	for i := range flat {
		flat[i] = 0.3
	}
	got, err := evaluate.CalibrationSlopes([]evaluate.Cutoff{
		{Customer: seq(len(p)), Churned: y, Score: p}, {Customer: seq(len(p)), Churned: y, Score: flat},
	}, 0.9)
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Cutoffs[1].Warnings) == 0 || got.Mean.Value != got.Cutoffs[0].Value {
		t.Errorf("flat scores: %+v, mean %+v", got.Cutoffs[1], got.Mean)
	}
}

// A row of weight 2 is two rows: level, slope and errors are those of the rows
// written out, in bins that the copies leave as they are.
func TestACalibrationWeighsRowsAsCopies(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 5))
	var p, q, weight []float64
	var churned, written []bool
	for i := range 400 {
		v := (float64(i) + 0.5) / 400
		y := random.Float64() < v
		p, churned, weight = append(p, v), append(churned, y), append(weight, 2)
		q, written = append(q, v, v), append(written, y, y)
	}
	got, err := evaluate.CalibrateWeighted(p, churned, weight, 0.9)
	if err != nil {
		t.Fatal(err)
	}
	want, err := evaluate.Calibrate(q, written, 0.9)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name      string
		got, want float64
	}{
		{"level", got.Level.Value, want.Level.Value},
		{"slope", got.Slope.Value, want.Slope.Value},
		{"error", got.Error, want.Error},
		{"error after level", got.ErrorAfterLevel, want.ErrorAfterLevel},
	} {
		if math.Abs(c.got-c.want) > 1e-6 {
			t.Errorf("%s: %v weighed, %v written out", c.name, c.got, c.want)
		}
	}
	if _, err := evaluate.CalibrateWeighted(p, churned, weight[1:], 0.9); !errors.Is(err, evaluate.ErrShape) {
		t.Errorf("a missing weight: %v", err)
	}
}
