package additive_test

import (
	"testing"

	"github.com/churnwatch/churnwatch/model/additive"
)

// By scipy's BFGS and Nelder-Mead on the objective as it is documented, of a
// feature with six values, each of which is a knot:
//
//	i = np.arange(120); u = np.array([0, 1, 2, 4, 7, 9.]); x = u[i*7 % 6]
//	y = ((i*i*3 + i*5) % 11 < 2 + x).astype(float)
//	t = u / x.std(); curv, slope = 3., 10.
//	def f(b):
//	    v = np.r_[0, b[1:]]; eta = b[0] + v[np.searchsorted(u, x)]
//	    d = np.diff(v) / np.diff(t); g = (t[2:] - t[:-2]) / 2
//	    pen = curv * np.sum(np.diff(d)**2 / g) + slope * np.sum(d**2 * np.diff(t)) / (t[-1] - t[0])
//	    return 2 * np.sum(np.logaddexp(0, eta) - y*eta) + pen
//	r = minimize(f, np.zeros(6), method='BFGS'); r = minimize(f, r.x, method='Nelder-Mead')
func TestAFitIsTheMinimumOfItsObjective(t *testing.T) {
	values := []float64{0, 1, 2, 4, 7, 9}
	x, y := make([]float64, 120), make([]float64, 120)
	left := 0.0
	for i := range x {
		x[i] = values[i*7%6]
		if float64((i*i*3+i*5)%11) < 2+x[i] {
			y[i] = 1
		}
		left += y[i]
	}
	d := &additive.Design{Columns: []additive.Column{{Name: "x", Numbers: x}}}
	p, err := additive.Fit(d, y, additive.Options{Penalty: additive.Penalty{Curvature: 3, Slope: 10}})
	if err != nil || left != 77 {
		t.Fatalf("%v left, %v", left, err)
	}
	for k, want := range []float64{-0.12288542, 0.06055216, 0.241512, 0.60829167, 1.35402628, 1.84149163} {
		closeTo(t, "log-odds", p.LogOdds(additive.Row{{Number: values[k]}}), want, 1e-6)
	}
}
