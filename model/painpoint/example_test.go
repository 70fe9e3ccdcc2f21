package painpoint_test

import (
	"fmt"

	"github.com/churnwatch/churnwatch/model/painpoint"
)

func ExampleFitSatisfaction() {
	late := painpoint.Detector{Name: "late_delivery", Unit: "days late"}
	var a painpoint.Answers
	for i := range 120 {
		days := float64(i % 4) // 0 is in time
		points := 80 - 2*days
		if days > 0 {
			points -= 6
		}
		late.Count = append(late.Count, min(days, 1))
		late.Severity = append(late.Severity, days)
		a.Points = append(a.Points, points+float64(i/4%3-1))
		a.Customer = append(a.Customer, i)
	}
	a.Detectors = []painpoint.Detector{late}
	f, err := painpoint.FitSatisfaction(a, painpoint.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	w := f.Weights[0]
	fmt.Printf("%s: %.1f points at %.0f %s (%.1f and %.1f a day), %.0f %% of the shortfall, %d incidents\n",
		w.Name, w.Effect.Value, w.MeanSeverity, w.Unit, w.Flag.Value, w.Slope.Value, 100*w.Share.Value, w.Incidents)
	// Output: late_delivery: -10.0 points at 2 days late (-6.0 and -2.0 a day), 27 % of the shortfall, 90 incidents
}

func ExampleWorst() {
	late, returned := painpoint.Weight{Name: "late_delivery", Customers: 400}, painpoint.Weight{Name: "return", Customers: 90}
	late.Effect.Value, returned.Effect.Value = -8, -14
	worst, ok := painpoint.Worst([]painpoint.Weight{late, returned})
	fmt.Println(worst, ok)
	// Output: 1 true
}

func ExampleFitChurn() {
	l := painpoint.Labels{Detectors: []painpoint.Detector{{Name: "return"}}}
	for i := range 400 {
		returned := i%4 == 0
		churned := i/4%10 < 2
		if returned {
			churned = i/4%10 < 4
		}
		l.Churned, l.Customer = append(l.Churned, churned), append(l.Customer, i)
		l.Detectors[0].Count = append(l.Detectors[0].Count, map[bool]float64{true: 1}[returned])
	}
	w, err := painpoint.FitChurn(l, painpoint.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%s: %+.2f log-odds [%.2f, %.2f] from %d incidents\n", w[0].Name, w[0].LogOdds.Value, w[0].LogOdds.Low, w[0].LogOdds.High, w[0].Incidents)
	// Output: return: +0.98 log-odds [0.49, 1.47] from 100 incidents
}
