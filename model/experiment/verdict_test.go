package experiment_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/churnwatch/churnwatch/model/experiment"
)

// By exact fractions in Python, customer by customer: each multiplies the factor
// by (its share of the urn) / (its stated share) and puts one into the urn, which
// begins with 1000 times the stated shares.
func TestTheBayesFactorIsThatOfAnUrn(t *testing.T) {
	third := 1.0 / 3
	for _, tt := range []struct {
		counts []int
		shares []float64
		want   float64
	}{
		{[]int{120, 880}, []float64{0.1, 0.9}, 0.29995148154284834},
		{[]int{100, 900}, []float64{0.1, 0.9}, -0.15069796343266262},
		{[]int{30, 40, 50}, []float64{third, third, third}, 0.06724974262644423},
		{[]int{300, 2000}, []float64{0.1, 0.9}, 3.082786755717734},
	} {
		got, err := experiment.CheckRatio(tt.counts, tt.shares)
		if err != nil {
			t.Fatal(err)
		}
		near(t, fmt.Sprint(tt.counts), tt.want, got.Log10BayesFactor, 1e-9)
		if got.Broken != (tt.want > 2) {
			t.Errorf("%v: broken %v", tt.counts, got.Broken)
		}
	}
	for _, bad := range []struct {
		counts []int
		shares []float64
		want   error
	}{
		{[]int{1}, []float64{1}, experiment.ErrShape},
		{[]int{1, 2}, []float64{0.5, 0.4, 0.1}, experiment.ErrShape},
		{[]int{1, -2}, []float64{0.5, 0.5}, experiment.ErrValue},
		{[]int{1, 2}, []float64{0.5, 0.6}, experiment.ErrValue},
		{[]int{1, 2}, []float64{1, 0}, experiment.ErrValue},
	} {
		if _, err := experiment.CheckRatio(bad.counts, bad.shares); !errors.Is(err, bad.want) {
			t.Errorf("%v of %v: %v", bad.counts, bad.shares, err)
		}
	}
	random := rand.New(rand.NewPCG(5, 5))
	if got := falseRatios(t, []float64{0.1, 0.9}, []float64{0.1, 0.9}, 12_000, 200, random); got > 0.03 {
		t.Errorf("%.3f of 200 right assignments are called broken", got)
	}
	if got := falseRatios(t, []float64{0.1, 0.9}, []float64{0.13, 0.87}, 30_000, 20, random); got < 1 {
		t.Errorf("13 %% in place of 10 are found in %.2f", got)
	}
}

func TestVerdictsSayWhatIsProvenAndWhatItTakes(t *testing.T) {
	broken, err := experiment.CheckRatio([]int{3000, 7000}, []float64{0.1, 0.9})
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		control, treated experiment.Arm
		ratio            experiment.Ratio
		want             experiment.Verdict
		needs, excluded  bool
	}{
		"nobody yet":        {want: experiment.NoData},
		"a few":             {experiment.Proportion(10, 5), experiment.Proportion(90, 50), experiment.Ratio{}, experiment.NotYetProvable, true, false},
		"some":              {experiment.Proportion(200, 100), experiment.Proportion(1800, 950), experiment.Ratio{}, experiment.NotYetProvable, true, false},
		"better":            {experiment.Proportion(2000, 800), experiment.Proportion(18000, 9000), experiment.Ratio{}, experiment.ProvenBetter, false, false},
		"worse":             {experiment.Proportion(2000, 1000), experiment.Proportion(18000, 7200), experiment.Ratio{}, experiment.ProvenWorse, false, false},
		"no effect at all":  {experiment.Proportion(9000, 4500), experiment.Proportion(81000, 40500), experiment.Ratio{}, experiment.NotYetProvable, true, true},
		"beyond the number": {experiment.Proportion(1800, 900), experiment.Proportion(16200, 8400), experiment.Ratio{}, experiment.NotYetProvable, true, false},
		"arms of odd sizes": {experiment.Proportion(3000, 800), experiment.Proportion(7000, 3600), broken, experiment.RatioBroken, false, false},
	} {
		q := question(0.1, 0.05, 0.05)
		q.Ratio = tt.ratio
		a := judged(t, q, tt.control, tt.treated)
		if a.Verdict != tt.want || (a.Need != nil) != tt.needs || a.Excluded != tt.excluded {
			t.Errorf("%s: %+v", name, a)
		}
		if a.Need != nil && *a.Need <= tt.control.N+tt.treated.N {
			t.Errorf("%s: needs %d and has them", name, *a.Need)
		}
	}
}

func TestAllPartsTogetherAreOne(t *testing.T) {
	sum := 0.0
	for n := range 100_000 {
		sum += experiment.Nth(n + 1)
	}
	near(t, "of 100,000", 1, sum, 1e-5)
	if sum >= 1 {
		t.Errorf("%g of 1 are given", sum)
	}
}

func ExampleJudge() {
	q := experiment.Question{Plan: experiment.Plan{Least: 0.05, Power: 0.8, ControlShare: 0.1}, Alpha: 0.05}
	a, err := experiment.Judge(q, experiment.Proportion(100, 50), experiment.Proportion(900, 480))
	fmt.Println(a.Verdict, *a.Need, err)
	// Output: not_yet_provable 15277 <nil>
}

func ExampleCheckRatio() {
	r, err := experiment.CheckRatio([]int{1200, 8800}, []float64{0.1, 0.9})
	fmt.Println(r.Broken, err)
	// Output: true <nil>
}

func ExampleNth() {
	fmt.Printf("%.3f %.3f %.3f\n", experiment.Nth(1), experiment.Nth(2), experiment.Nth(3))
	// Output: 0.608 0.152 0.068
}

func ExampleProportion() {
	fmt.Println(experiment.Proportion(10, 5))
	// Output: {10 0.5 0.25 5}
}

func ExampleAmount() {
	fmt.Println(experiment.Amount(4, 2, 8, 32))
	// Output: {4 2 4 2}
}
