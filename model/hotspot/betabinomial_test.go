package hotspot_test

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"github.com/churnwatch/churnwatch/model/hotspot"
)

// Log tails by scipy 1.10: logsumexp of betabinom(n, m M, (1-m) M).logpmf with
// M = (1-r)/r, and of binom(n, m).logpmf for r = 0.
func TestTailsAreThoseOfScipy(t *testing.T) {
	for _, c := range []struct {
		n, k         int64
		mean, r      float64
		lower, upper float64
	}{
		{50, 9, 0.08, 0, -0.00565080297121, -4.09533899674},
		{50, 9, 0.08, 0.02, -0.0401911506796, -2.71893261363},
		{1000, 100, 0.05, 0.005, -0.0062554200982, -4.96543501304},
		{1000, 20, 0.05, 0.005, -4.01445840707, -0.0141323259032},
		{30, 0, 0.1, 0.03, -2.23060747658, 0},
		{40, 12, 0.05, 0.2, -0.0383289323223, -3.11161985395},
		{200, 0, 0.6, 0.4, -5.28997350585, 0},
		{10, 10, 0.9, 0.7, 0, -0.205982203973},
		{100000, 6000, 0.05, 0.0001, -1.64248158265e-05, -10.9995976521},
	} {
		lower, upper := hotspot.BetaBinomial{N: c.n, Mean: c.mean, Correlation: c.r}.LogTails(c.k)
		const tolerance = 1e-8
		if math.Abs(lower-c.lower) > tolerance || math.Abs(upper-c.upper) > tolerance {
			t.Errorf("%+v: lower %.12g, upper %.12g", c, lower, upper)
		}
	}
}

func drawBetaBinomial(r *rapid.T) hotspot.BetaBinomial {
	return hotspot.BetaBinomial{
		N: rapid.Int64Range(1, 300).Draw(r, "n"), Mean: rapid.Float64Range(0.001, 0.999).Draw(r, "mean"),
		Correlation: rapid.SampledFrom([]float64{0, 1e-9, 1e-4, 0.01, 0.2, 0.7}).Draw(r, "correlation"),
	}
}

func TestProbabilitiesAddUpToOne(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		d := drawBetaBinomial(r)
		total := 0.0
		for k := range d.N + 1 {
			total += math.Exp(d.LogProb(k))
		}
		if math.Abs(total-1) > 1e-7 {
			r.Fatalf("%+v: %v", d, total)
		}
	})
}

func TestTheTwoTailsShareOneValue(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		d := drawBetaBinomial(r)
		k := rapid.Int64Range(0, d.N).Draw(r, "k")
		lower, upper := d.LogTails(k)
		if got, want := math.Exp(lower)+math.Exp(upper), 1+math.Exp(d.LogProb(k)); math.Abs(got-want) > 1e-7 {
			r.Fatalf("%+v at %d: tails %v, want %v", d, k, got, want)
		}
	})
}

func TestAnUpperTailFallsAsIncidentsRise(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		d := drawBetaBinomial(r)
		k := rapid.Int64Range(0, d.N-1).Draw(r, "k")
		low, up := d.LogTails(k)
		nextLow, nextUp := d.LogTails(k + 1)
		if nextUp > up+1e-9 || nextLow < low-1e-9 {
			r.Fatalf("%+v: from %d to %d lower %v to %v, upper %v to %v", d, k, k+1, low, nextLow, up, nextUp)
		}
	})
}

func TestAFarTailDoesNotUnderflow(t *testing.T) {
	_, upper := hotspot.BetaBinomial{N: 100_000, Mean: 0.05}.LogTails(20_000)
	if math.IsInf(upper, 0) || upper > -1000 {
		t.Errorf("log of the upper tail is %v", upper)
	}
}
