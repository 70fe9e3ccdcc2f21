package logistic_test

import (
	"errors"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"

	"github.com/churnwatch/churnwatch/model/logistic"
	"github.com/churnwatch/churnwatch/model/regression"
)

func TestDraftsAlongAPathReachTheReportedFits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := rapid.IntRange(1, 5).Draw(t, "p")
		d := random(rapid.IntRange(150, 400).Draw(t, "n"), p, rapid.Uint64().Draw(t, "seed"))
		opts := logistic.Options{
			Weights: d.w, Offset: random(len(d.y), p, 77).w,
			InterceptPenalty: rapid.SampledFrom([]float64{0, 3}).Draw(t, "intercept penalty"), InterceptCenter: 0.7,
		}
		path, err := logistic.NewPath(d.design(t), d.y, opts)
		if err != nil {
			t.Fatal(err)
		}
		for range 4 {
			penalty, center := mat.NewSymDense(p, nil), make([]float64, p)
			for j := range p {
				penalty.SetSym(j, j, rapid.Float64Range(0.1, 500).Draw(t, "ridge"))
				center[j] = rapid.Float64Range(-1, 1).Draw(t, "centre")
			}
			got, err := path.Next(penalty, center)
			if err != nil {
				t.Fatal(err)
			}
			opts.Penalty, opts.Center = penalty, center
			want := d.fit(t, opts)
			closeTo(t, "intercept", got.Intercept, want.Intercept, 1e-5)
			for j := range p {
				closeTo(t, "coefficient", got.Coefficients[j], want.Coefficients[j], 1e-5)
			}
			closeTo(t, "deviance", got.Deviance, want.Deviance, 1e-6)
			closeTo(t, "penalised deviance", got.PenalizedDeviance, want.PenalizedDeviance, 1e-10)
		}
	})
}

func TestAPathIsTheSameEveryTime(t *testing.T) {
	d := random(400, 3, 9)
	ends := func() []*logistic.Draft {
		path, err := logistic.NewPath(d.design(t), d.y, logistic.Options{})
		if err != nil {
			t.Fatal(err)
		}
		var out []*logistic.Draft
		for _, k := range []float64{100, 10, 1} {
			end, err := path.Next(mat.NewSymDense(3, []float64{k, 0, 0, 0, k, 0, 0, 0, k}), nil)
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, end)
		}
		return out
	}
	if diff := cmp.Diff(ends(), ends()); diff != "" {
		t.Error(diff)
	}
}

func TestAPathFromFarOffDescends(t *testing.T) {
	d := random(300, 2, 8)
	penalty := mat.NewSymDense(2, []float64{1, 0, 0, 1})
	path, err := logistic.NewPath(d.design(t), d.y, logistic.Options{Start: []float64{30, -20, 9}})
	if err != nil {
		t.Fatal(err)
	}
	far, err := path.Next(penalty, nil)
	if err != nil {
		t.Fatal(err)
	}
	near := d.fit(t, logistic.Options{Penalty: penalty})
	for j := range 2 {
		closeTo(t, "coefficient", far.Coefficients[j], near.Coefficients[j], 1e-5)
	}
}

func TestAPathRefusesBadInput(t *testing.T) {
	d := random(50, 2, 1)
	if _, err := logistic.NewPath(d.design(t), d.y[:10], logistic.Options{}); !errors.Is(err, regression.ErrWidth) {
		t.Errorf("short labels: %v", err)
	}
	nan := mat.NewSymDense(2, []float64{1, 0, 0, math.NaN()})
	for name, c := range map[string]struct {
		opts    logistic.Options
		penalty mat.Symmetric
		center  []float64
		want    error
	}{
		"wide penalty":  {logistic.Options{}, mat.NewSymDense(3, nil), nil, regression.ErrWidth},
		"short centre":  {logistic.Options{}, nil, []float64{1}, regression.ErrWidth},
		"NaN penalty":   {logistic.Options{}, nan, nil, regression.ErrNotFinite},
		"stop":          {logistic.Options{Stop: func() bool { return true }}, nil, nil, logistic.ErrStopped},
		"one iteration": {logistic.Options{MaxIterations: 1}, nil, nil, logistic.ErrNotConverged},
	} {
		path, err := logistic.NewPath(d.design(t), d.y, c.opts)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := path.Next(c.penalty, c.center); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", name, err, c.want)
		}
	}
	separated := data{p: 1, x: []float64{1, 2, 3, 4, 5, 6}, y: []float64{0, 0, 0, 1, 1, 1}}
	path, err := logistic.NewPath(separated.design(t), separated.y, logistic.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if end, err := path.Next(nil, nil); err == nil {
		t.Errorf("separated labels without a penalty: %+v", end)
	}
}
