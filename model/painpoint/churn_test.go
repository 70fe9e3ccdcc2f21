package painpoint_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/churnwatch/churnwatch/model/painpoint"
)

// leaving draws churn with 0.7 log-odds per late delivery, 0 per harmless
// incident, and -0.5 per unit of a control that goes with late deliveries.
func leaving(customers int, seed uint64) painpoint.Labels {
	random := rand.New(rand.NewPCG(seed, 8))
	late, harmless := painpoint.Detector{Name: "late_delivery"}, painpoint.Detector{Name: "harmless"}
	l := painpoint.Labels{Controls: [][]float64{nil}}
	for i := range customers {
		control := random.NormFloat64()
		for range 2 {
			count := 0.0
			for range 3 {
				count += indicator(random.Float64() < 0.2+0.1*math.Tanh(control))
			}
			p := 1 / (1 + math.Exp(1-0.7*count+0.5*control))
			l.Churned = append(l.Churned, random.Float64() < p)
			l.Customer = append(l.Customer, i)
			late.Count = append(late.Count, count)
			harmless.Count = append(harmless.Count, indicator(random.Float64() < 0.3))
			l.Controls[0] = append(l.Controls[0], control)
		}
	}
	l.Detectors = []painpoint.Detector{late, harmless}
	return l
}

func TestThePlantedLogOddsAreFound(t *testing.T) {
	w, err := painpoint.FitChurn(leaving(5000, 1), painpoint.Options{Confidence: 0.999})
	if err != nil {
		t.Fatal(err)
	}
	if !w[0].LogOdds.Contains(0.7) || w[0].LogOdds.StandardError > 0.05 || w[0].LogOdds.N != 5000 {
		t.Errorf("late deliveries %+v, planted 0.7", w[0].LogOdds)
	}
	if !w[1].LogOdds.Contains(0) {
		t.Errorf("harmless %+v", w[1].LogOdds)
	}
}

func TestOneFlagAloneIsTheTablesLogOddsRatio(t *testing.T) {
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
	near(t, "log odds", math.Log(40.0*70/(20*30)), w[0].LogOdds.Value, 1e-8)
	near(t, "standard error", math.Sqrt(1.0/70+1.0/30+1.0/20+1.0/40), w[0].LogOdds.StandardError, 2e-3)
	if w[0].Incidents != 60 || w[0].Customers != 60 {
		t.Errorf("%+v", w[0])
	}
}

func TestDetectorsThatCannotBeFittedAreDropped(t *testing.T) {
	l := leaving(400, 2)
	plain, err := painpoint.FitChurn(l, painpoint.Options{})
	if err != nil {
		t.Fatal(err)
	}
	twin := l.Detectors[0]
	twin.Name = "twin"
	fatal := painpoint.Detector{Name: "fatal", Count: make([]float64, len(l.Churned))}
	never := painpoint.Detector{Name: "never", Count: make([]float64, len(l.Churned))}
	for i, churned := range l.Churned {
		if churned && i%9 == 0 {
			fatal.Count[i] = 1
		}
	}
	l.Detectors = append(l.Detectors, twin, fatal, never)
	w, err := painpoint.FitChurn(l, painpoint.Options{})
	if err != nil {
		t.Fatal(err)
	}
	near(t, "late deliveries", plain[0].LogOdds.Value, w[0].LogOdds.Value, 1e-8)
	for _, j := range []int{2, 3, 4} {
		if !w[j].Dropped || len(w[j].Warnings) != 1 {
			t.Errorf("%+v", w[j])
		}
	}
}

func TestADetectorThatSeparatesByItsCountIsDropped(t *testing.T) {
	// One incident never leads to churn, two always do: both outcomes occur among
	// the exposed, yet no finite weight exists once nobody else churns.
	l := painpoint.Labels{Detectors: []painpoint.Detector{{Name: "steps"}}}
	for i := range 60 {
		count := float64(i % 3)
		l.Detectors[0].Count = append(l.Detectors[0].Count, count)
		l.Churned = append(l.Churned, count == 2)
		l.Customer = append(l.Customer, i)
	}
	w, err := painpoint.FitChurn(l, painpoint.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if !w[0].Dropped {
		t.Errorf("%+v", w[0])
	}
}

func TestLabelsOfAnotherLengthAreRefused(t *testing.T) {
	if _, err := painpoint.FitChurn(painpoint.Labels{Churned: []bool{true}}, painpoint.Options{}); !errors.Is(err, painpoint.ErrShape) {
		t.Errorf("error %v", err)
	}
}
