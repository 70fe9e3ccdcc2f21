package painpoint_test

import (
	"math/rand/v2"
	"testing"

	"github.com/churnwatch/churnwatch/model/painpoint"
)

func BenchmarkFitSatisfactionOf100000AnswersOn12Detectors(b *testing.B) {
	random := rand.New(rand.NewPCG(1, 1))
	const rows = 100_000
	var a painpoint.Answers
	for i := range rows {
		a.Points = append(a.Points, 70+15*random.NormFloat64())
		a.Customer = append(a.Customer, i/2)
	}
	for range 12 {
		d := painpoint.Detector{Count: make([]float64, rows), Severity: make([]float64, rows), AgeDays: make([]float64, rows)}
		for i := range rows {
			if random.Float64() < 0.08 {
				d.Count[i], d.Severity[i], d.AgeDays[i] = 1, 10*random.Float64(), 300*random.Float64()
			}
		}
		a.Detectors = append(a.Detectors, d)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := painpoint.FitSatisfaction(a, painpoint.Options{}); err != nil {
			b.Fatal(err)
		}
	}
}
