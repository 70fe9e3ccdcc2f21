package btyd_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"
	"pgregory.net/rapid"

	"github.com/churnwatch/churnwatch/model/btyd"
)

func till() []btyd.Spend {
	return []btyd.Spend{
		{1, 12.5},
		{1, 40},
		{1, 25.25},
		{2, 18},
		{2, 33.5},
		{2, 60},
		{3, 22},
		{3, 29.5},
		{3, 47},
		{4, 15},
		{4, 38.25},
		{5, 27},
		{5, 52.5},
		{6, 19.75},
		{7, 31},
		{9, 24.5},
		{12, 44},
	}
}

// By scipy's Nelder-Mead over log p, log(q-1), log v of
//
//	gammaln(p*n+q)-gammaln(p*n)-gammaln(q)+q*log(v)+(p*n-1)*log(m)+p*n*log(n)-(p*n+q)*log(v+n*m)
func TestFitOfSpendAgreesWithAnIndependentOne(t *testing.T) {
	m, err := btyd.FitSpend(till(), btyd.Options{})
	if err != nil {
		t.Fatal(err)
	}
	near(t, "p", 4.376665451846439, m.P, 1e-5)
	near(t, "q", 11.719328588296015, m.Q, 1e-5)
	near(t, "v", 78.9381467510233, m.V, 1e-5)
	near(t, "log-likelihood", -66.57209890162623, m.LogLikelihood, 1e-10)
}

// The published parameters of CDNOW and what they say of its first customers
// (Fader and Hardie 2013, sections 3 and 4; the mean of 35.17 and the values
// 24.66 and 18.91 also in the documentation of the package lifetimes, from
// unrounded parameters).
func TestOrderValuesAreThosePublished(t *testing.T) {
	p := btyd.SpendParameters{P: 6.25, Q: 3.74, V: 15.44}
	near(t, "the shop", 35.17, p.OrderValue(btyd.Spend{}), 0.002)
	near(t, "two orders", 24.66, p.OrderValue(btyd.Spend{Orders: 2, Mean: 22.35}), 0.001)
	near(t, "one order", 18.91, p.OrderValue(btyd.Spend{Orders: 1, Mean: 11.77}), 0.001)
}

// spenders simulates customers with one to twelve orders each, and their true
// mean values.
func spenders(p btyd.SpendParameters, customers int, seed uint64) (spends []btyd.Spend, truth []float64) {
	random := rand.New(rand.NewPCG(seed, 3))
	for range customers {
		rate := distuv.Gamma{Alpha: p.Q, Beta: p.V, Src: random}.Rand()
		n := 1 + random.IntN(12)
		total := distuv.Gamma{Alpha: p.P * float64(n), Beta: rate, Src: random}.Rand()
		spends, truth = append(spends, btyd.Spend{Orders: n, Mean: total / float64(n)}), append(truth, p.P/rate)
	}
	return spends, truth
}

func TestFitOfSpendFindsTheParametersOfASimulatedShop(t *testing.T) {
	truth := btyd.SpendParameters{P: 3, Q: 4, V: 60}
	spends, means := spenders(truth, 8000, 1)
	m, err := btyd.FitSpend(spends, btyd.Options{})
	if err != nil {
		t.Fatal(err)
	}
	near(t, "p", truth.P, m.P, 4*m.PEstimate.StandardError/truth.P)
	near(t, "q", truth.Q, m.Q, 4*m.QEstimate.StandardError/truth.Q)
	near(t, "v", truth.V, m.V, 4*m.VEstimate.StandardError/truth.V)
	covered := 0
	for i, s := range spends {
		low, high := btyd.Interval(m.OrderValue(s), m.OrderValueSpread(s), 0.9)
		if low <= means[i] && means[i] <= high {
			covered++
		}
	}
	if share := float64(covered) / float64(len(spends)); share < 0.87 || share > 0.93 {
		t.Errorf("%v of the customers' true order values are in their interval of 0.9", share)
	}
	if !m.Correlation.At(0.999).Contains(0) {
		t.Errorf("value does not go with frequency here, got %+v", m.Correlation)
	}
}

func TestFitOfSpendKnowsNoCurrencyAndNoOrder(t *testing.T) {
	want, err := btyd.FitSpend(till(), btyd.Options{})
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(r *rapid.T) {
		rate := math.Exp(rapid.Float64Range(-6, 6).Draw(r, "log rate"))
		other := rapid.Permutation(till()).Draw(r, "order")
		for i := range other {
			other[i].Mean *= rate
		}
		got, err := btyd.FitSpend(other, btyd.Options{})
		if err != nil {
			r.Fatal(err)
		}
		for _, pair := range [][2]float64{{want.P, got.P}, {want.Q, got.Q}, {want.V, got.V / rate}} {
			if math.Abs(pair[0]-pair[1]) > 1e-5*pair[0] {
				r.Errorf("want %v, got %v", pair[0], pair[1])
			}
		}
	})
}

func TestOrderValueLiesBetweenTheShopsAndTheCustomers(t *testing.T) {
	p := btyd.SpendParameters{P: 6.25, Q: 3.74, V: 15.44}
	rapid.Check(t, func(r *rapid.T) {
		s := btyd.Spend{Orders: rapid.IntRange(1, 500).Draw(r, "orders"), Mean: rapid.Float64Range(0, 900).Draw(r, "mean")}
		shop, got := p.OrderValue(btyd.Spend{}), p.OrderValue(s)
		if got < min(shop, s.Mean)-1e-9 || got > max(shop, s.Mean)+1e-9 {
			r.Errorf("%v is not between %v and %v", got, shop, s.Mean)
		}
	})
}

func TestThinAndBrokenSpendsAreErrors(t *testing.T) {
	for _, c := range []struct {
		spends []btyd.Spend
		want   error
	}{
		{nil, btyd.ErrFewRepeaters},
		{[]btyd.Spend{{1, 5}, {2, 0}}, btyd.ErrFewRepeaters},
		{[]btyd.Spend{{1, -5}}, btyd.ErrValue},
		{[]btyd.Spend{{-1, 5}}, btyd.ErrValue},
		{[]btyd.Spend{{1, math.NaN()}}, btyd.ErrValue},
	} {
		if _, err := btyd.FitSpend(c.spends, btyd.Options{}); !errors.Is(err, c.want) {
			t.Errorf("%v: want %v, got %v", c.spends, c.want, err)
		}
	}
}

func TestValueThatGoesWithFrequencyIsSaid(t *testing.T) {
	var spends []btyd.Spend
	for n := range 200 {
		spends = append(spends, btyd.Spend{Orders: 1 + n%20, Mean: float64(10 + 3*(n%20) + n%7)})
	}
	m, err := btyd.FitSpend(spends, btyd.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if m.Correlation.Value < 0.8 || len(m.Warnings) == 0 {
		t.Errorf("want a strong correlation and a warning, got %+v", m)
	}
}

// The quantiles of a gamma with shape k (gonum's, exact) against its interval.
func TestIntervalIsThatOfAGamma(t *testing.T) {
	for _, k := range []float64{0.24, 0.6, 1, 3, 20, 400} {
		low, high := btyd.Interval(k, 1/k, 0.9)
		g := distuv.Gamma{Alpha: k, Beta: 1}
		if below := g.CDF(low); below > 0.06 {
			t.Errorf("shape %v: %v below the interval", k, below)
		}
		if above := 1 - g.CDF(high); math.Abs(above-0.05) > 0.01 {
			t.Errorf("shape %v: %v above the interval", k, above)
		}
	}
}
