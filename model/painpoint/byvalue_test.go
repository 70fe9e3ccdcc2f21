package painpoint_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/churnwatch/churnwatch/model/painpoint"
)

// apart draws churn with 0.4 log-odds per late delivery, and more of it for
// customers of high value, beside a harmless detector.
func apart(customers int, more float64, seed uint64) painpoint.Labels {
	random := rand.New(rand.NewPCG(seed, 9))
	late, harmless := painpoint.Detector{Name: "late_delivery"}, painpoint.Detector{Name: "harmless"}
	var l painpoint.Labels
	for i := range customers {
		high := i%3 == 0
		count := indicator(random.Float64() < 0.3) + indicator(random.Float64() < 0.2)
		eta := -0.8 + 0.4*count - 0.5*indicator(high) + more*indicator(high)*count
		l.Churned = append(l.Churned, random.Float64() < 1/(1+math.Exp(-eta)))
		l.Customer, l.HighValue = append(l.Customer, i), append(l.HighValue, high)
		late.Count = append(late.Count, count)
		harmless.Count = append(harmless.Count, indicator(random.Float64() < 0.3))
	}
	l.Detectors = []painpoint.Detector{late, harmless}
	return l
}

func churn(t *testing.T, l painpoint.Labels) []painpoint.ChurnWeight {
	t.Helper()
	w, err := painpoint.FitChurn(l, painpoint.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range w {
		if one.ByValue == nil {
			t.Fatalf("%s was not fitted by value", one.Name)
		}
	}
	return w
}

func TestAPlantedDifferenceByValueIsFound(t *testing.T) {
	for seed := range uint64(3) {
		w := churn(t, apart(6000, 0.9, seed))
		late, harmless := w[0].ByValue, w[1].ByValue
		if !late.Differs || !late.Raw.At(0.999).Contains(0.9) || late.High.Value < late.Rest.Value {
			t.Errorf("seed %d: %+v", seed, *late)
		}
		if harmless.Differs {
			t.Errorf("seed %d: harmless differs: %+v", seed, *harmless)
		}
	}
}

func TestNoDifferenceByValueIsSeldomSeen(t *testing.T) {
	seen, of := 0, 0
	for seed := range uint64(20) {
		for _, w := range churn(t, apart(1500, 0, seed+100)) {
			of++
			if w.ByValue.Differs {
				seen++
			}
			if math.Abs(w.ByValue.Difference.Value) > math.Abs(w.ByValue.Raw.Value) ||
				w.ByValue.Difference.StandardError > w.ByValue.Raw.StandardError || w.ByValue.Spread < 0.2 {
				t.Errorf("seed %d: not shrunk: %+v", seed, *w.ByValue)
			}
		}
	}
	// One of two in twenty at the most: the chance of more than four is 0.3 %.
	if seen > 4 {
		t.Errorf("%d of %d differ", seen, of)
	}
}

func TestTheOtherGroupDiffersTheOtherWay(t *testing.T) {
	l := apart(1500, 0.5, 7)
	one := churn(t, l)[0].ByValue
	for i := range l.HighValue {
		l.HighValue[i] = !l.HighValue[i]
	}
	other := churn(t, l)[0].ByValue
	near(t, "difference as fitted", -one.Raw.Value, other.Raw.Value, 1e-6)
	near(t, "difference", -one.Difference.Value, other.Difference.Value, 1e-6)
	near(t, "high", one.High.Value, other.Rest.Value, 1e-6)
	near(t, "its error", one.High.StandardError, other.Rest.StandardError, 1e-6)
}

// With one flag and nothing else the fit is the table itself: without the
// flag all churn like those without it, and the error is that of two shares
// drawn apart.
func TestTheShareOfChurnOfOneFlagIsTheTables(t *testing.T) {
	l := painpoint.Labels{Detectors: []painpoint.Detector{{Name: "return"}}}
	for _, cell := range []struct {
		flag    float64
		churned bool
		count   int
	}{{0, false, 70}, {0, true, 30}, {1, false, 20}, {1, true, 40}} {
		for range cell.count {
			l.Detectors[0].Count = append(l.Detectors[0].Count, cell.flag)
			l.Churned = append(l.Churned, cell.churned)
			l.Customer = append(l.Customer, len(l.Customer))
		}
	}
	w, err := painpoint.FitChurn(l, painpoint.Options{})
	if err != nil {
		t.Fatal(err)
	}
	const n0, n1, r0, r1, all = 100, 60, 0.3, 2.0 / 3, 70.0
	near(t, "share", 1-r0*(n0+n1)/all, w[0].Share.Value, 1e-8)
	by0, by1 := (n0+n1)*r1*n1/(all*all), (n0+n1)*r0*n1/(all*all)
	se := math.Sqrt(by0*by0*r0*(1-r0)/n0 + by1*by1*r1*(1-r1)/n1)
	near(t, "standard error", se, w[0].Share.StandardError, 1e-3)
	if w[0].ByValue != nil {
		t.Error("a weight by value without values")
	}
}

func TestAPainPointThatIsNotFeltHasNoShareOfChurn(t *testing.T) {
	for _, w := range churn(t, leavingByValue(4000, 3)) {
		if want := map[string]bool{"harmless": true}[w.Name]; w.Share.At(0.999).Contains(0) != want {
			t.Errorf("%s: %+v", w.Name, w.Share)
		}
	}
}

// leavingByValue is leaving with two halves of customers.
func leavingByValue(customers int, seed uint64) painpoint.Labels {
	l := leaving(customers, seed)
	for _, c := range l.Customer {
		l.HighValue = append(l.HighValue, c%2 == 0)
	}
	return l
}
