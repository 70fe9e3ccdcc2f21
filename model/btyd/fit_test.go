package btyd_test

import (
	"errors"
	"math"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/churnwatch/churnwatch/model/btyd"
)

// Parameters and log-likelihood by an independent fit: scipy's Nelder-Mead
// over the logs of r, alpha, a, b of
//
//	gammaln(r+x)-gammaln(r)+r*log(al)+betaln(a,b+x)-betaln(a,b)
//	  + logaddexp(-(r+x)*log(al+T), where(x>0, log(a)-log(b+x-1)-(r+x)*log(al+t), -inf))
//
// summed over town with xatol 1e-11 and fatol 1e-12.
func TestFitAgreesWithAnIndependentOne(t *testing.T) {
	m := fit(t, town())
	near(t, "r", 0.37230954, m.R, 1e-5)
	near(t, "alpha", 5.56826405, m.Alpha, 1e-5)
	near(t, "a", 1.11786313, m.A, 1e-5)
	near(t, "b", 2.89667007, m.B, 1e-5)
	near(t, "log-likelihood", -512.750819243824, m.LogLikelihood, 1e-12)
	near(t, "log-likelihood at the parameters", m.LogLikelihood, m.Parameters.LogLikelihood(town()), 1e-12)
	if !m.Converged || !m.Dropout || len(m.Warnings) != 1 {
		t.Errorf("want a converged fit with dropout that warns of few repeaters, got %+v", m)
	}
}

func TestFitFindsTheParametersOfASimulatedShop(t *testing.T) {
	truth := btyd.Parameters{R: 0.6, Alpha: 9, A: 0.8, B: 2.5}
	m := fit(t, shop(truth, 20_000, 1))
	for _, c := range []struct {
		name   string
		truth  float64
		at, se float64
	}{
		{"r", truth.R, m.R, m.REstimate.StandardError},
		{"alpha", truth.Alpha, m.Alpha, m.AlphaEstimate.StandardError},
		{"a", truth.A, m.A, m.AEstimate.StandardError},
		{"b", truth.B, m.B, m.BEstimate.StandardError},
	} {
		// Times in whole days blur alpha a little: half a day on the last order.
		if math.Abs(c.at-c.truth) > 4*c.se+0.01*c.truth {
			t.Errorf("%s: want %v, got %v with error %v", c.name, c.truth, c.at, c.se)
		}
	}
}

func TestNoDropoutIsFoundWhereThereIsNone(t *testing.T) {
	truth := btyd.Parameters{R: 1.2, Alpha: 15}
	histories := shop(truth, 4000, 3)
	m := fit(t, histories)
	if m.Dropout || m.A != 0 || m.AEstimate != nil || !m.Converged {
		t.Fatalf("want the NBD, got %+v", m)
	}
	near(t, "r", truth.R, m.R, 4*m.REstimate.StandardError)
	near(t, "likelihood", m.WithoutDrop, m.LogLikelihood, 0)
	if !slices.ContainsFunc(m.Warnings, func(w string) bool { return w[:10] == "no dropout" }) {
		t.Errorf("want a warning of no dropout, got %q", m.Warnings)
	}
	for _, h := range histories[:50] {
		if m.Alive(h) != 1 {
			t.Fatalf("without dropout everyone is active, got %v for %+v", m.Alive(h), h)
		}
	}
}

func TestFitDoesNotDependOnTheUnitOfTime(t *testing.T) {
	want := fit(t, town())
	rapid.Check(t, func(r *rapid.T) {
		unit := rapid.Float64Range(0.01, 100).Draw(r, "unit")
		scaled := town()
		for i := range scaled {
			scaled[i].Last, scaled[i].Age = scaled[i].Last*unit, scaled[i].Age*unit
		}
		got, err := btyd.Fit(scaled, btyd.Options{})
		if err != nil {
			r.Fatal(err)
		}
		got.Alpha /= unit
		if diff := cmp.Diff(want.Parameters, got.Parameters, cmpopts.EquateApprox(1e-6, 0)); diff != "" {
			r.Errorf("(-want +got):\n%s", diff)
		}
	})
}

func TestFitDoesNotDependOnOrderOrGroups(t *testing.T) {
	want := fit(t, town())
	rapid.Check(t, func(r *rapid.T) {
		var split []btyd.History
		for _, h := range town() {
			one := rapid.IntRange(1, h.Customers).Draw(r, "one")
			rest := h
			h.Customers, rest.Customers = one, h.Customers-one
			split = append(split, h)
			if rest.Customers > 0 {
				split = append(split, rest)
			}
		}
		got, err := btyd.Fit(rapid.Permutation(split).Draw(r, "order"), btyd.Options{})
		if err != nil {
			r.Fatal(err)
		}
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(btyd.Model{})); diff != "" {
			r.Errorf("not a bit may differ (-want +got):\n%s", diff)
		}
	})
}

func TestTwiceTheCustomersHalveTheVariance(t *testing.T) {
	once, twice := fit(t, town()), fit(t, slices.Concat(town(), town()))
	near(t, "r", once.R, twice.R, 1e-6)
	near(t, "likelihood", 2*once.LogLikelihood, twice.LogLikelihood, 1e-9)
	near(t, "error of r", once.REstimate.StandardError/math.Sqrt2, twice.REstimate.StandardError, 0.01)
}

func TestThinAndBrokenHistoriesAreErrors(t *testing.T) {
	for name, c := range map[string]struct {
		histories []btyd.History
		want      error
	}{
		"nobody":             {nil, btyd.ErrFewRepeaters},
		"no repeats":         {[]btyd.History{{Age: 9, Customers: 1000}}, btyd.ErrFewRepeaters},
		"last after age":     {[]btyd.History{{Repeats: 1, Last: 10, Age: 9}}, btyd.ErrValue},
		"no age":             {[]btyd.History{{}}, btyd.ErrValue},
		"repeat without day": {[]btyd.History{{Repeats: 1, Age: 9}}, btyd.ErrValue},
		"NaN":                {[]btyd.History{{Age: math.NaN()}}, btyd.ErrValue},
	} {
		if _, err := btyd.Fit(c.histories, btyd.Options{}); !errors.Is(err, c.want) {
			t.Errorf("%s: want %v, got %v", name, c.want, err)
		}
	}
	if _, err := btyd.Fit(town(), btyd.Options{Stop: func() bool { return true }}); !errors.Is(err, btyd.ErrStopped) {
		t.Errorf("want %v, got %v", btyd.ErrStopped, err)
	}
}

// A shop in which all order at one rate, and one in which all leave alike,
// have parameters without a maximum.
func TestParametersWithoutAMaximumStandAtTheEndOfTheirRange(t *testing.T) {
	var same []btyd.History
	for i := range 400 {
		same = append(same, btyd.History{Repeats: 2, Last: 15 + float64(i%5), Age: 30})
	}
	m := fit(t, same)
	if len(m.Warnings) == 0 || math.IsInf(m.R, 1) || !(m.REstimate.StandardError > 0) {
		t.Errorf("want finite parameters and a warning, got %+v", m)
	}
}
