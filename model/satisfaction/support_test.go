package satisfaction_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/churnwatch/churnwatch/model/satisfaction"
)

// The planted town: levels vary by 12 points around their cohort's mean, one
// fresh answer by 15 around its level, and kinds answer higher or lower.
const (
	plantedMean    = 62.0
	plantedBetween = 12.0 * 12
	plantedWithin  = 15.0 * 15
)

func plantedOffset(k satisfaction.Kind) float64 {
	return map[satisfaction.Kind]float64{satisfaction.NPS: 0, satisfaction.CSAT: 6, satisfaction.CES: -4}[k]
}

// answers draws customers of three cohorts with one to five moments each, and
// returns their true levels too. Points are not cut to 0-100 kinds' steps, but
// lie within.
func answers(customers int, seed uint64) (out []satisfaction.Answer, levels []float64) {
	random := rand.New(rand.NewPCG(seed, 7))
	kinds := []satisfaction.Kind{satisfaction.NPS, satisfaction.CSAT, satisfaction.CES}
	for i := range customers {
		cohort := i % 3
		level := plantedMean + 8*float64(cohort-1) + 12*random.NormFloat64()
		levels = append(levels, level)
		for m := range 1 + i%5 {
			age := 30 * float64(m)
			noise := 15 / math.Sqrt(satisfaction.Weight(age, 180))
			for _, k := range kinds {
				if k != satisfaction.NPS && random.Float64() < 0.7 {
					continue
				}
				points := level + plantedOffset(k) + noise*random.NormFloat64()
				out = append(out, satisfaction.Answer{
					Customer: i, Cohort: cohort, Moment: m, Kind: k, AgeDays: age, Points: math.Min(math.Max(points, 0), 100),
				})
			}
		}
	}
	return out, levels
}

func near(t *testing.T, name string, want, got, tolerance float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tolerance) {
		t.Errorf("%s = %v, want %v within %v", name, got, want, tolerance)
	}
}
