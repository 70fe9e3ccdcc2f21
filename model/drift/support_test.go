package drift_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/churnwatch/churnwatch/model/drift"
)

// town is a made-up shop: levels are gamma with shape 2, counts are negative
// binomial with variance phi times the mean, and every cycle moves all alike.
type town struct {
	customers int
	level     float64
	phi       float64
	movement  [drift.Cycles]float64
	// decline multiplies the last two cycles of every tenth customer.
	decline [2]float64
}

func steady(customers int) town {
	return town{
		customers: customers, level: 3, phi: 1.5,
		movement: [drift.Cycles]float64{0.8, 0.9, 1.0, 1.3, 1.1, 0.9, 0.7, 1.2}, decline: [2]float64{1, 1},
	}
}

// histories draws the town; every tenth customer declines, every seventh
// joined two cycles before the last baseline cycle ended.
func (w town) histories(seed uint64) []drift.History {
	random := rand.New(rand.NewPCG(seed, 3))
	out := make([]drift.History, w.customers)
	for i := range out {
		level := distuv.Gamma{Alpha: 2, Beta: 2 / w.level, Src: random}.Rand()
		out[i].Present = drift.Cycles
		if i%7 == 3 {
			out[i].Present = 4
		}
		for c := drift.Cycles - out[i].Present; c < drift.Cycles; c++ {
			mean := level * w.movement[c]
			if c >= drift.Baseline && i%10 == 0 {
				mean *= w.decline[c-drift.Baseline]
			}
			out[i].Orders[c] = draw(random, mean, w.phi)
		}
	}
	return out
}

// draw returns a count of the mean with variance phi times it.
func draw(random *rand.Rand, mean, phi float64) int {
	if phi > 1 && mean > 0 {
		mean = distuv.Gamma{Alpha: mean / (phi - 1), Beta: 1 / (phi - 1), Src: random}.Rand()
	}
	if mean <= 0 {
		return 0
	}
	return int(distuv.Poisson{Lambda: mean, Src: random}.Rand())
}

func near(t *testing.T, name string, want, got, tolerance float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tolerance) {
		t.Errorf("%s = %v, want %v within %v", name, got, want, tolerance)
	}
}

func fit(t *testing.T, histories []drift.History) drift.Shop {
	t.Helper()
	s, err := drift.Fit(histories)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// past judges every customer and keeps those who can be judged.
func past(s drift.Shop, histories []drift.History) []drift.Past {
	var out []drift.Past
	for i, h := range histories {
		if a, ok := drift.Statistic(s.Orders(h)); ok {
			out = append(out, drift.Past{Customer: i, Statistic: a})
		}
	}
	return out
}
