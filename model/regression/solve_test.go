package regression_test

import (
	"errors"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"

	"github.com/churnwatch/churnwatch/model/regression"
)

func TestSolutionEqualsQROnTheRawRows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := rapid.IntRange(1, 12).Draw(t, "p")
		n := rapid.IntRange(p+10, 400).Draw(t, "n")
		r := random(n, p, rapid.Float64Range(-50, 50).Draw(t, "offset"), rapid.Uint64().Draw(t, "seed"))
		opts := regression.Options{}
		var penalty *mat.SymDense
		if rapid.Bool().Draw(t, "penalised") {
			penalty = mat.NewSymDense(p, nil)
			for j := range p {
				penalty.SetSym(j, j, rapid.Float64Range(0.1, 30).Draw(t, "ridge"))
				opts.Center = append(opts.Center, rapid.Float64Range(-2, 2).Draw(t, "centre"))
			}
			opts.Penalty = penalty
		}
		m := regression.NewMoments(p)
		if err := m.AddRows(r.x, r.y, r.w); err != nil {
			t.Fatal(err)
		}
		f, err := regression.Solve(m, opts)
		if err != nil {
			t.Fatal(err)
		}
		want := r.qr(t, penalty, opts.Center)
		for j := range p {
			if math.Abs(f.Coefficients[j]-want[j+1]) > 1e-10*(1+math.Abs(want[j+1])) {
				t.Fatalf("b[%d] = %.15g, QR says %.15g", j, f.Coefficients[j], want[j+1])
			}
		}
		if math.Abs(f.Intercept-want[0]) > 1e-9*(1+math.Abs(want[0])) {
			t.Fatalf("a = %.15g, QR says %.15g", f.Intercept, want[0])
		}
	})
}

// Longley (1967), J. Am. Stat. Assoc. 62: certified values of the NIST
// Statistical Reference Datasets, "Longley", a problem of higher difficulty
// (condition 5e9 when uncentred).
func TestLongleyReachesTheCertifiedValues(t *testing.T) {
	y := []float64{60323, 61122, 60171, 61187, 63221, 63639, 64989, 63761, 66019, 67857, 68169, 66513, 68655, 69564, 69331, 70551}
	x := []float64{
		83.0, 234289, 2356, 1590, 107608, 1947, 88.5, 259426, 2325, 1456, 108632, 1948,
		88.2, 258054, 3682, 1616, 109773, 1949, 89.5, 284599, 3351, 1650, 110929, 1950,
		96.2, 328975, 2099, 3099, 112075, 1951, 98.1, 346999, 1932, 3594, 113270, 1952,
		99.0, 365385, 1870, 3547, 115094, 1953, 100.0, 363112, 3578, 3350, 116219, 1954,
		101.2, 397469, 2904, 3048, 117388, 1955, 104.6, 419180, 2822, 2857, 118734, 1956,
		108.4, 442769, 2936, 2798, 120445, 1957, 110.8, 444546, 4681, 2637, 121950, 1958,
		112.6, 482704, 3813, 2552, 123366, 1959, 114.2, 502601, 3931, 2514, 125368, 1960,
		115.7, 518173, 4806, 2572, 127852, 1961, 116.9, 554894, 4007, 2827, 130081, 1962,
	}
	f, err := regression.Solve(rows{p: 6, x: x, y: y}.moments(t), regression.Options{})
	if err != nil {
		t.Fatal(err)
	}
	coefficients := []float64{
		-3482258.63459582, 15.0618722713733, -0.358191792925910e-01, -2.02022980381683,
		-1.03322686717359, -0.511041056535807e-01, 1829.15146461355,
	}
	errors := []float64{
		890420.383607373, 84.9149257747669, 0.334910077722432e-01, 0.488399681651699,
		0.214274163161675, 0.226073200069370, 455.478499142212,
	}
	const digits = 1e-8 // of the certified 15, what the problem's condition leaves
	for i, e := range f.Estimates(f.Covariance(), 0.95, f.Rows) {
		if math.Abs(e.Value/coefficients[i]-1) > digits || math.Abs(e.StandardError/errors[i]-1) > digits {
			t.Errorf("b[%d] = %.12g +- %.12g, certified %.12g +- %.12g", i, e.Value, e.StandardError, coefficients[i], errors[i])
		}
	}
	closeTo(t, "residual standard deviation", math.Sqrt(f.ResidualVariance), 304.854073561965, digits)
}

func TestScaleAndShiftOfAColumnMoveOnlyItsCoefficient(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		scale := rapid.Float64Range(0.001, 1000).Draw(t, "scale")
		shift := rapid.Float64Range(-100, 100).Draw(t, "shift")
		r := random(200, 3, 1, rapid.Uint64().Draw(t, "seed"))
		a := solve(t, r, regression.Options{})
		for i := range r.y {
			r.x[i*3] = r.x[i*3]*scale + shift
		}
		b := solve(t, r, regression.Options{})
		for j, want := range []float64{a.Coefficients[0] / scale, a.Coefficients[1], a.Coefficients[2]} {
			if math.Abs(b.Coefficients[j]-want) > 1e-8*(1+math.Abs(want)) {
				t.Fatalf("b[%d] = %v, want %v", j, b.Coefficients[j], want)
			}
		}
		if math.Abs(a.ResidualVariance/b.ResidualVariance-1) > 1e-8 {
			t.Fatalf("residual variance moved from %v to %v", a.ResidualVariance, b.ResidualVariance)
		}
	})
}

func solve(t tester, r rows, opts regression.Options) *regression.Fit {
	t.Helper()
	f, err := regression.Solve(r.moments(t), opts)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestDegenerateColumnsAreNamed(t *testing.T) {
	r := random(100, 4, 0, 1)
	cases := []struct {
		name   string
		column int
		value  func(row []float64) float64
		want   error
	}{
		{"constant", 1, func([]float64) float64 { return 1e9 + 0.1 }, regression.ErrConstant},
		{"zero", 0, func([]float64) float64 { return 0 }, regression.ErrConstant},
		{"sum of two others", 3, func(row []float64) float64 { return row[0] + row[1] }, regression.ErrCollinear},
		{"copy", 2, func(row []float64) float64 { return 3*row[0] + 5 }, regression.ErrCollinear},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			bad := rows{p: 4, x: append([]float64(nil), r.x...), y: r.y}
			for i := range bad.y {
				row := bad.x[i*4 : i*4+4]
				row[c.column] = c.value(row)
			}
			m := bad.moments(t)
			_, err := regression.Solve(m, regression.Options{})
			var column *regression.ColumnError
			if !errors.Is(err, c.want) || !errors.As(err, &column) || column.Column != c.column {
				t.Fatalf("got %v, want %v of column %d", err, c.want, c.column)
			}
			ridge := mat.NewSymDense(4, nil)
			for j := range 4 {
				ridge.SetSym(j, j, 0.5)
			}
			if _, err := regression.Solve(m, regression.Options{Penalty: ridge}); err != nil {
				t.Fatalf("penalised: %v", err)
			}
		})
	}
}

func TestTooFewRowsAreRefused(t *testing.T) {
	r := random(3, 2, 0, 1)
	if _, err := regression.Solve(r.moments(t), regression.Options{}); !errors.Is(err, regression.ErrTooFewRows) {
		t.Errorf("three rows for three parameters: %v", err)
	}
	if _, err := regression.Solve(regression.NewMoments(2), regression.Options{}); !errors.Is(err, regression.ErrTooFewRows) {
		t.Errorf("no rows: %v", err)
	}
}

func TestWrongOptionsAreRefused(t *testing.T) {
	m := random(30, 2, 0, 1).moments(t)
	nan := mat.NewSymDense(2, []float64{1, math.NaN(), math.NaN(), 1})
	for name, c := range map[string]struct {
		opts regression.Options
		want error
	}{
		"penalty too wide":    {regression.Options{Penalty: mat.NewSymDense(3, nil)}, regression.ErrWidth},
		"penalty not finite":  {regression.Options{Penalty: nan}, regression.ErrNotFinite},
		"centre too short":    {regression.Options{Center: []float64{1}}, regression.ErrWidth},
		"centre not finite":   {regression.Options{Center: []float64{1, math.NaN()}}, regression.ErrNotFinite},
		"negative dispersion": {regression.Options{Dispersion: -1}, regression.ErrNotFinite},
	} {
		if _, err := regression.Solve(m, c.opts); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", name, err, c.want)
		}
	}
}

func TestAPerfectFitHasNoResidual(t *testing.T) {
	f := solve(t, rows{p: 1, x: []float64{1, 2, 3, 4}, y: []float64{3, 5, 7, 9}}, regression.Options{})
	closeTo(t, "slope", f.Coefficients[0], 2, 1e-14)
	closeTo(t, "intercept", f.Intercept, 1, 1e-14)
	closeTo(t, "residual variance", f.ResidualVariance, 0, 1e-14)
	constant := solve(t, rows{p: 1, x: []float64{1, 2, 3, 4}, y: []float64{5, 5, 5, 5}}, regression.Options{})
	closeTo(t, "slope of a constant", constant.Coefficients[0], 0, 1e-14)
	closeTo(t, "intercept of a constant", constant.Intercept, 5, 1e-14)
}

func TestWithoutColumnsTheFitIsTheMean(t *testing.T) {
	f := solve(t, rows{p: 0, y: []float64{1, 2, 6}}, regression.Options{})
	closeTo(t, "intercept", f.Intercept, 3, 1e-15)
	closeTo(t, "variance of the mean", f.Covariance().At(0, 0), 7.0/3, 1e-14)
}

func TestAnEndlessPenaltyGivesItsCentre(t *testing.T) {
	r := random(100, 2, 3, 1)
	penalty := mat.NewSymDense(2, []float64{1e12, 0, 0, 1e12})
	f := solve(t, r, regression.Options{Penalty: penalty, Center: []float64{0.25, -4}})
	closeTo(t, "first", f.Coefficients[0], 0.25, 1e-8)
	closeTo(t, "second", f.Coefficients[1], -4, 1e-8)
	closeTo(t, "effective parameters", f.EffectiveParameters(), 1, 1e-6)
}

func TestTheSameRowsGiveTheSameBits(t *testing.T) {
	r := random(700, 5, 3, 9)
	a, b := solve(t, r, regression.Options{}), solve(t, r, regression.Options{})
	if diff := cmp.Diff(a.Coefficients, b.Coefficients); diff != "" {
		t.Error(diff)
	}
}
