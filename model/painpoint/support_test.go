package painpoint_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/churnwatch/churnwatch/model/painpoint"
)

// What the made-up answers are made of, in points.
const (
	plantedBase   = 80.0
	plantedLate   = -8.0
	plantedPerDay = -1.5
	plantedReturn = -12.0
)

// planted draws several answers per customer, who differ by 10 points each:
// late deliveries with days late, returns that follow late deliveries more
// often than others, and a harmless detector.
func planted(customers int, seed uint64) painpoint.Answers {
	random := rand.New(rand.NewPCG(seed, 5))
	late := painpoint.Detector{Name: "late_delivery", Unit: "days late"}
	returned := painpoint.Detector{Name: "return"}
	harmless := painpoint.Detector{Name: "harmless"}
	var a painpoint.Answers
	for i := range customers {
		own := 10 * random.NormFloat64()
		habit := random.Float64() < 0.3
		for range 1 + i%4 {
			y := plantedBase + own + 8*random.NormFloat64()
			flag, days := 0.0, 0.0
			if random.Float64() < 0.2 || habit && random.Float64() < 0.5 {
				flag, days = 1, 1+float64(random.IntN(9))
			}
			back := indicator(random.Float64() < 0.1+0.2*flag)
			y += plantedLate*flag + plantedPerDay*days + plantedReturn*back
			a.Points = append(a.Points, y)
			a.Customer = append(a.Customer, i)
			late.Count, late.Severity = append(late.Count, flag), append(late.Severity, days)
			returned.Count = append(returned.Count, back)
			harmless.Count = append(harmless.Count, indicator(random.Float64() < 0.15))
		}
	}
	a.Detectors = []painpoint.Detector{late, returned, harmless}
	return a
}

func indicator(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

func fit(t *testing.T, a painpoint.Answers, o painpoint.Options) painpoint.Fit {
	t.Helper()
	f, err := painpoint.FitSatisfaction(a, o)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func near(t *testing.T, name string, want, got, tolerance float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tolerance) {
		t.Errorf("%s = %v, want %v within %v", name, got, want, tolerance)
	}
}
