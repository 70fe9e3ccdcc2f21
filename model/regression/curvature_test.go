package regression_test

import (
	"errors"
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"

	"github.com/churnwatch/churnwatch/model/regression"
)

// ridge draws a positive penalty of p columns that is not diagonal.
func ridge(t *rapid.T, p int) *mat.SymDense {
	penalty := mat.NewSymDense(p, nil)
	v := mat.NewVecDense(p, nil)
	for j := range p {
		penalty.SetSym(j, j, rapid.Float64Range(0.1, 30).Draw(t, "ridge"))
		v.SetVec(j, rapid.Float64Range(-2, 2).Draw(t, "direction"))
	}
	penalty.SymRankOne(penalty, 1, v)
	return penalty
}

func TestDraftsAgreeWithTheSolver(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := rapid.IntRange(0, 40).Draw(t, "p")
		r := random(rapid.IntRange(p+10, 300).Draw(t, "n"), p, rapid.Float64Range(-50, 50).Draw(t, "offset"), rapid.Uint64().Draw(t, "seed"))
		opts := regression.Options{}
		if p > 0 && rapid.Bool().Draw(t, "penalised") {
			opts.Penalty = ridge(t, p)
			opts.Center = make([]float64, p)
			opts.Center[0] = rapid.Float64Range(-2, 2).Draw(t, "centre")
		}
		want := solve(t, r, opts)
		opts.Draft = true
		got := solve(t, r, opts)
		closeTo(t, "intercept", got.Intercept, want.Intercept, 1e-10)
		for j := range p {
			closeTo(t, "coefficient", got.Coefficients[j], want.Coefficients[j], 1e-10)
		}
		closeTo(t, "residual variance", got.ResidualVariance, want.ResidualVariance, 1e-10)
	})
}

// A least-squares problem is solved by one step from 0, whose score is the
// weighted sum of [1, x] y.
func TestAStepAlongTheCurvatureSolvesTheProblem(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := rapid.IntRange(1, 20).Draw(t, "p")
		r := random(rapid.IntRange(p+10, 200).Draw(t, "n"), p, 2, rapid.Uint64().Draw(t, "seed"))
		var penalty mat.Symmetric
		if rapid.Bool().Draw(t, "penalised") {
			penalty = ridge(t, p)
		}
		want := solve(t, r, regression.Options{Penalty: penalty})
		curvature, err := regression.NewCurvature(r.moments(t), penalty)
		if err != nil {
			t.Fatal(err)
		}
		score, step := make([]float64, p+1), make([]float64, p+1)
		for i, y := range r.y {
			score[0] += r.w[i] * y
			for j, v := range r.x[i*p : (i+1)*p] {
				score[j+1] += r.w[i] * y * v
			}
		}
		gain := curvature.Step(score, step)
		closeTo(t, "intercept", step[0], want.Intercept, 1e-9)
		promised := score[0] * step[0]
		for j, b := range want.Coefficients {
			closeTo(t, "coefficient", step[j+1], b, 1e-9)
			promised += score[j+1] * step[j+1]
		}
		closeTo(t, "gain", gain, promised, 1e-9)
		curvature.Step(score, score)
		closeTo(t, "step in place", score[p], step[p], 0)
	})
}

func TestACurvatureRefusesWhatSolveRefuses(t *testing.T) {
	if _, err := regression.NewCurvature(regression.NewMoments(2), nil); !errors.Is(err, regression.ErrTooFewRows) {
		t.Errorf("no rows: %v", err)
	}
	r := random(50, 2, 0, 1)
	if _, err := regression.NewCurvature(r.moments(t), mat.NewSymDense(3, nil)); !errors.Is(err, regression.ErrWidth) {
		t.Errorf("wide penalty: %v", err)
	}
	if _, err := regression.NewCurvature(r.moments(t), mat.NewSymDense(2, []float64{1, 0, 0, math.NaN()})); !errors.Is(err, regression.ErrNotFinite) {
		t.Errorf("NaN penalty: %v", err)
	}
	for i := range r.y {
		r.x[i*2+1] = r.x[i*2]
	}
	if _, err := regression.NewCurvature(r.moments(t), nil); !errors.Is(err, regression.ErrCollinear) {
		t.Errorf("a column twice: %v", err)
	}
}
