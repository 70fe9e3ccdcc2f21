package experiment_test

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"

	"github.com/churnwatch/churnwatch/model/experiment"
)

// In Python, with the lower branch of the Lambert function by bisection:
//
//	rho2 = (-W(-0.05**2 * exp(-1)) - 1) / 2000                      # appendix B.2
//	1.3 * sqrt(2*(500*rho2+1)/(500**2*rho2) * log(sqrt(500*rho2+1)/0.05))  # theorem 2.2
//
// is 0.18901167707908176: mean of 500 with standard deviation 1.3, tightest at
// 2,000.
func TestTheBoundaryIsThatOfThePaper(t *testing.T) {
	b, err := experiment.Tune(0.05, 1, 0.8)
	if err != nil {
		t.Fatal(err)
	}
	b.Spread = 0.08330133859937472 // 1.3 sqrt(rho2)
	e := b.Around(0, 1.3/math.Sqrt(500), 500)
	near(t, "radius", 0.18901167707908176, e.High, 1e-14)
	near(t, "radius", -0.18901167707908176, e.Low, 1e-14)
	for alpha, want := range map[float64]float64{0.05: 3.0351224130285512, 0.01: 3.5716062524437686} { // sqrt(-W(-alpha^2/e))
		b, err := experiment.Tune(alpha, 1, 0.8)
		if err != nil {
			t.Fatal(err)
		}
		se := 1 / (want + 0.8416212335729143) // scipy.stats.norm.ppf(0.8)
		near(t, "ratio where it is tightest", want, b.Ratio(se), 1e-9)
		for _, k := range []float64{0.5, 0.9, 1.1, 3} {
			other := b
			other.Spread *= k
			if other.Ratio(se) <= b.Ratio(se) {
				t.Errorf("alpha %g: a spread %g times as large is tighter", alpha, k)
			}
		}
	}
	for _, bad := range [][3]float64{{0, 1, 0.8}, {1, 1, 0.8}, {0.05, 0, 0.8}, {0.05, 1, 1}, {0.05, math.NaN(), 0.8}, {0.05, math.Inf(1), 0.8}} {
		if _, err := experiment.Tune(bad[0], bad[1], bad[2]); !errors.Is(err, experiment.ErrValue) {
			t.Errorf("%v: %v", bad, err)
		}
	}
}

func TestADifferenceKeepsItsSenseUnderShiftScaleAndSwap(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		arm := func(name string) experiment.Arm {
			n := rapid.IntRange(60, 5000).Draw(r, name)
			return experiment.Proportion(n, rapid.IntRange(n/5, n-n/5).Draw(r, name+" found"))
		}
		control, treated := arm("control"), arm("treated")
		b, err := experiment.Tune(0.05, 0.05, 0.8)
		if err != nil {
			r.Fatal(err)
		}
		e, ok := experiment.Compare(b, control, treated)
		swapped, _ := experiment.Compare(b, treated, control)
		k, c := rapid.Float64Range(0.1, 50).Draw(r, "scale"), rapid.Float64Range(-5, 5).Draw(r, "shift")
		moved := func(a experiment.Arm) experiment.Arm {
			a.Mean, a.Variance = k*a.Mean+c, k*k*a.Variance
			return a
		}
		wide := b
		wide.Spread *= k
		scaled, _ := experiment.Compare(wide, moved(control), moved(treated))
		if !ok || math.Abs(e.Low+swapped.High) > 1e-12 || math.Abs(k*e.High-scaled.High) > 1e-9*k || !(e.Low < e.Value && e.Value < e.High) {
			r.Errorf("%+v, swapped %+v, scaled by %g %+v", e, swapped, k, scaled)
		}
	})
}

func TestArmsThatAreTooSmallSayNothing(t *testing.T) {
	for name, arms := range map[string][2]experiment.Arm{
		"few customers":      {experiment.Proportion(49, 20), experiment.Proportion(900, 400)},
		"few events":         {experiment.Proportion(100, 1), experiment.Proportion(900, 30)},
		"nobody":             {{}, {}},
		"all alike":          {experiment.Proportion(500, 0), experiment.Proportion(500, 0)},
		"all spend the same": {experiment.Amount(500, 500, 500, 500), experiment.Amount(500, 500, 500, 500)},
	} {
		a := judged(t, question(0.5, 0.05, 0.05), arms[0], arms[1])
		if a.Difference != nil || proven(a) || (a.Verdict == experiment.NoData) != (name == "nobody") {
			t.Errorf("%s: %+v", name, a)
		}
	}
}

func TestTogetherIsTheArmOfAll(t *testing.T) {
	got := experiment.Together(experiment.Proportion(100, 20), experiment.Proportion(300, 90), experiment.Arm{})
	want := experiment.Proportion(400, 110)
	near(t, "mean", want.Mean, got.Mean, 1e-15)
	near(t, "variance", want.Variance, got.Variance, 1e-15)
	amounts := experiment.Amount(4, 3, 9, 41) // 0, 1, 2, 6
	near(t, "mean", 2.25, amounts.Mean, 0)
	near(t, "variance", 5.1875, amounts.Variance, 1e-15) // numpy.var([0, 1, 2, 6])
}

// The acceptance tests count it at length.
func TestFewExperimentsWithoutEffectAreEverCalledProven(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	if got := falsePositives(t, 0.1, 0.4, 0.05, 200, random); got > 0.05 {
		t.Errorf("%.3f of 200 shares", got)
	}
	if got := falseRevenue(t, 0.5, 2400, 50, random); got > 0.05 {
		t.Errorf("%.3f of 50 revenues", got)
	}
	if got := falseFamily(t, 3, 2, 100, random); got > 0.05 {
		t.Errorf("%.3f of 100 families", got)
	}
}

func TestTheAnnouncedNumberIsWhatItTakes(t *testing.T) {
	if got, n := power(t, 0.1, 0.3, 0.05, 300, rand.New(rand.NewPCG(3, 3))); got < 0.7 || got > 0.9 {
		t.Errorf("%.3f of 300 are proven by %.0f customers", got, n)
	}
}

func ExampleTune() {
	b, err := experiment.Tune(0.05, 0.05, 0.8)
	fmt.Printf("%.2f standard errors at 2 points each %v\n", b.Ratio(0.02), err)
	// Output: 3.11 standard errors at 2 points each <nil>
}

func ExampleCompare() {
	b, _ := experiment.Tune(0.05, 0.05, 0.8)
	e, ok := experiment.Compare(b, experiment.Proportion(1000, 500), experiment.Proportion(9000, 5400))
	fmt.Printf("%.3f, %.3f to %.3f, at any look: %v\n", e.Value, e.Low, e.High, ok)
	// Output: 0.100, 0.049 to 0.151, at any look: true
}

func ExampleRelative() {
	b, _ := experiment.Tune(0.05, 0.05, 0.8)
	churned, left := experiment.Proportion(1000, 500), experiment.Proportion(9000, 3600)
	e, ok := experiment.Relative(b, churned, left)
	fmt.Printf("churn by %.0f %%, %.0f to %.0f: %v\n", 100*e.Value, 100*e.Low, 100*e.High, ok)
	// Output: churn by -20 %, -28 to -11: true
}

func ExampleTogether() {
	a := experiment.Together(experiment.Proportion(10, 2), experiment.Proportion(30, 10))
	fmt.Println(a.N, a.Mean)
	// Output: 40 0.3
}

func ExampleReady() {
	fmt.Println(experiment.Ready(experiment.Proportion(60, 30), experiment.Proportion(540, 300)))
	// Output: true
}
