package logistic_test

import (
	"errors"
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"

	"github.com/churnwatch/churnwatch/model/logistic"
	"github.com/churnwatch/churnwatch/model/regression"
)

// Finney (1947), vasoconstriction in the skin of the digits: volume and rate
// of the air inspired. Estimates, standard errors and deviance as printed by
// Pregibon (1981), Ann. Stat. 9(4), for log volume and log rate.
func TestFinneysVasoconstrictionReachesThePublishedFit(t *testing.T) {
	volume := []float64{
		3.7, 3.5, 1.25, 0.75, 0.8, 0.7, 0.6, 1.1, 0.9, 0.9, 0.8, 0.55, 0.6, 1.4, 0.75, 2.3, 3.2, 0.85, 1.7, 1.8,
		0.4, 0.95, 1.35, 1.5, 1.6, 0.6, 1.8, 0.95, 1.9, 1.6, 2.7, 2.35, 1.1, 1.1, 1.2, 0.8, 0.95, 0.75, 1.3,
	}
	rate := []float64{
		0.825, 1.09, 2.5, 1.5, 3.2, 3.5, 0.75, 1.7, 0.75, 0.45, 0.57, 2.75, 3.0, 2.33, 3.75, 1.64, 1.6, 1.415, 1.06, 1.8,
		2.0, 1.36, 1.35, 1.36, 1.78, 1.5, 1.5, 1.9, 0.95, 0.4, 0.75, 0.03, 1.83, 2.2, 2.0, 3.33, 1.9, 1.9, 1.625,
	}
	d := data{p: 2, y: []float64{
		1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 0, 1,
		0, 0, 0, 0, 1, 0, 1, 0, 1, 0, 1, 0, 0, 1, 1, 1, 0, 0, 1,
	}}
	for i := range volume {
		d.x = append(d.x, math.Log(volume[i]), math.Log(rate[i]))
	}
	f := d.fit(t, logistic.Options{})
	const printed = 0.0006 // three decimals
	for i, want := range [][2]float64{{-2.875, 1.321}, {5.179, 1.865}, {4.562, 1.838}} {
		e := f.Estimates(f.Covariance(), 0.9, len(d.y))[i]
		if math.Abs(e.Value-want[0]) > printed || math.Abs(e.StandardError-want[1]) > printed {
			t.Errorf("estimate %d = %.4f +- %.4f, published %.3f +- %.3f", i, e.Value, e.StandardError, want[0], want[1])
		}
	}
	if math.Abs(f.Deviance-29.23) > 0.005 {
		t.Errorf("deviance %.4f, published 29.23", f.Deviance)
	}
}

func TestFitEqualsPlainNewton(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := rapid.IntRange(1, 5).Draw(t, "p")
		d := random(rapid.IntRange(150, 400).Draw(t, "n"), p, rapid.Uint64().Draw(t, "seed"))
		opts := logistic.Options{Weights: d.w}
		penalty := mat.NewSymDense(p, nil)
		for j := range p {
			penalty.SetSym(j, j, rapid.Float64Range(0.2, 50).Draw(t, "ridge"))
			opts.Center = append(opts.Center, rapid.Float64Range(-1, 1).Draw(t, "centre"))
		}
		opts.Penalty = penalty
		opts.InterceptPenalty = rapid.SampledFrom([]float64{0, 3}).Draw(t, "intercept penalty")
		opts.InterceptCenter = 0.7
		opts.Offset = random(len(d.y), p, 77).w
		f := d.fit(t, opts)
		want, inverse := d.newton(t, opts)
		covariance := f.Covariance()
		for j, e := range f.Estimates(covariance, 0.9, 100) {
			closeTo(t, "coefficient", e.Value, want[j], 1e-8)
			closeTo(t, "variance", covariance.At(j, j), inverse.At(j, j), 1e-5)
		}
	})
}

func TestWholeWeightsAreRepeatedRows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := random(120, 2, rapid.Uint64().Draw(t, "seed"))
		repeated := data{p: 2}
		for i := range d.y {
			d.w[i] = math.Floor(3*d.w[i]) - 1
			for range int(d.w[i]) {
				repeated.x = append(repeated.x, d.x[i*2:i*2+2]...)
				repeated.y = append(repeated.y, d.y[i])
			}
		}
		ridge := mat.NewSymDense(2, []float64{1, 0, 0, 1})
		a := d.fit(t, logistic.Options{Weights: d.w, Penalty: ridge})
		b := repeated.fit(t, logistic.Options{Penalty: ridge})
		for j := range 2 {
			closeTo(t, "coefficient", a.Coefficients[j], b.Coefficients[j], 1e-8)
		}
		closeTo(t, "deviance", a.Deviance, b.Deviance, 1e-10)
	})
}

func TestSwappedLabelsSwapTheSigns(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := random(200, 3, rapid.Uint64().Draw(t, "seed"))
		ridge := mat.NewSymDense(3, []float64{2, 0, 0, 0, 2, 0, 0, 0, 2})
		a := d.fit(t, logistic.Options{Penalty: ridge})
		for i := range d.y {
			d.y[i] = 1 - d.y[i]
		}
		b := d.fit(t, logistic.Options{Penalty: ridge})
		closeTo(t, "intercept", b.Intercept, -a.Intercept, 1e-8)
		for j := range 3 {
			closeTo(t, "coefficient", b.Coefficients[j], -a.Coefficients[j], 1e-8)
		}
	})
}

func TestClusteredCovarianceMatchesIndependentRowsRepeated(t *testing.T) {
	d := random(300, 2, 5)
	f := d.fit(t, logistic.Options{})
	alone, _, err := f.Clustered(d.design(t), nil)
	if err != nil {
		t.Fatal(err)
	}
	twice := data{p: 2, x: append(append([]float64(nil), d.x...), d.x...), y: append(append([]float64(nil), d.y...), d.y...)}
	for i := range twice.y {
		twice.cluster = append(twice.cluster, i%300)
	}
	g := twice.fit(t, logistic.Options{})
	got, groups, err := g.Clustered(twice.design(t), twice.cluster)
	if err != nil {
		t.Fatal(err)
	}
	if groups != 300 {
		t.Errorf("%d clusters, want 300", groups)
	}
	for i := range 3 {
		closeTo(t, "clustered", got.At(i, i), alone.At(i, i), 1e-6)
		closeTo(t, "naive", g.Covariance().At(i, i), f.Covariance().At(i, i)/2, 1e-6)
	}
}

func TestSeparatedLabels(t *testing.T) {
	for name, d := range map[string]data{
		"complete":       {p: 1, x: []float64{1, 2, 3, 4, 5, 6}, y: []float64{0, 0, 0, 1, 1, 1}},
		"quasi-complete": {p: 1, x: []float64{1, 2, 3, 3, 4, 5}, y: []float64{0, 0, 0, 1, 1, 1}},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := logistic.New(d.design(t), d.y, logistic.Options{}); !errors.Is(err, logistic.ErrSeparated) {
				t.Errorf("without a penalty: %v, want %v", err, logistic.ErrSeparated)
			}
			weak := mat.NewSymDense(1, []float64{1e-6})
			if f := d.fit(t, logistic.Options{Penalty: weak}); len(f.Warnings) == 0 {
				t.Errorf("a weak penalty: no warning at b = %v", f.Coefficients)
			}
			firm := mat.NewSymDense(1, []float64{1})
			if f := d.fit(t, logistic.Options{Penalty: firm}); len(f.Warnings) != 0 {
				t.Errorf("a firm penalty: %v", f.Warnings)
			}
		})
	}
}

func TestBadInputIsRefused(t *testing.T) {
	d := random(50, 2, 1)
	same := make([]float64, 50)
	for name, c := range map[string]struct {
		y    []float64
		opts logistic.Options
		want error
	}{
		"one class":       {same, logistic.Options{}, logistic.ErrOneClass},
		"short labels":    {d.y[:10], logistic.Options{}, regression.ErrWidth},
		"label beyond 1":  {append([]float64{2}, d.y[1:]...), logistic.Options{}, logistic.ErrLabel},
		"NaN label":       {append([]float64{math.NaN()}, d.y[1:]...), logistic.Options{}, logistic.ErrLabel},
		"negative weight": {d.y, logistic.Options{Weights: append([]float64{-1}, d.w[1:]...)}, regression.ErrWeight},
		"no weight":       {d.y, logistic.Options{Weights: same}, regression.ErrTooFewRows},
		"NaN offset":      {d.y, logistic.Options{Offset: append([]float64{math.NaN()}, same[1:]...)}, regression.ErrNotFinite},
		"stop":            {d.y, logistic.Options{Stop: func() bool { return true }}, logistic.ErrStopped},
		"one iteration":   {d.y, logistic.Options{MaxIterations: 1}, logistic.ErrNotConverged},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := logistic.New(d.design(t), c.y, c.opts); !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
		})
	}
	if _, err := logistic.NewDense(d.x, 7); !errors.Is(err, regression.ErrWidth) {
		t.Errorf("100 numbers in rows of 7: %v", err)
	}
	copied := append([]float64(nil), d.x...)
	for i := range d.y {
		copied[i*2+1] = copied[i*2]
	}
	if _, err := logistic.New(data{p: 2, x: copied}.design(t), d.y, logistic.Options{}); !errors.Is(err, regression.ErrCollinear) {
		t.Errorf("a column twice: %v", err)
	}
}

func TestOneClassWithAPriorOnTheInterceptIsFitted(t *testing.T) {
	d := data{p: 1, x: []float64{1, 2, 3}, y: []float64{0, 0, 0}}
	f := d.fit(t, logistic.Options{Penalty: mat.NewSymDense(1, []float64{4}), InterceptPenalty: 4})
	if f.Intercept >= 0 || f.Intercept < -2 {
		t.Errorf("intercept %v", f.Intercept)
	}
}

func TestAFarStartReachesTheSameFit(t *testing.T) {
	d := random(300, 2, 8)
	near := d.fit(t, logistic.Options{})
	far := d.fit(t, logistic.Options{Start: []float64{30, -20, 9}})
	for j := range 2 {
		closeTo(t, "coefficient", far.Coefficients[j], near.Coefficients[j], 1e-8)
	}
}
