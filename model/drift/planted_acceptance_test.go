//go:build acceptance

package drift_test

import (
	"math"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/churnwatch/churnwatch/model/drift"
)

// planted is a customer over many cycles: his orders, and from which cycle on
// he slows down; he leaves so many cycles after that. steady is 0 for none.
type planted struct {
	orders []int
	level  float64
	starts int
	leaves int
}

// slowdown is what is left of the level in each declining cycle: orders halve
// twice, and half again before he leaves.
var slowdown = []float64{0.5, 0.25, 0.125, 0.125, 0.125}

// grow draws customers of gamma levels over so many cycles, every fifth of
// whom slows down at a cycle of his own and leaves when the slowdown is over.
func grow(n, cycles int, phi float64, random *rand.Rand) []planted {
	out := make([]planted, n)
	for i := range out {
		p := planted{level: distuv.Gamma{Alpha: 3, Beta: 1, Src: random}.Rand(), starts: cycles, leaves: cycles + 1}
		if i%5 == 0 {
			p.starts = drift.Cycles + random.IntN(cycles-drift.Cycles-len(slowdown))
			p.leaves = p.starts + len(slowdown)
		}
		for c := range cycles {
			mean := p.level * (1 + 0.3*math.Sin(float64(c)))
			switch {
			case c >= p.leaves:
				mean = 0
			case c >= p.starts:
				mean *= slowdown[c-p.starts]
			}
			p.orders = append(p.orders, draw(random, mean, phi))
		}
		out[i] = p
	}
	return out
}

// at returns the histories of the eight cycles before cycle c.
func at(all []planted, c int) []drift.History {
	out := make([]drift.History, len(all))
	for i, p := range all {
		out[i].Present = drift.Cycles
		copy(out[i].Orders[:], p.orders[c-drift.Cycles:c])
	}
	return out
}

// staying leaves out whoever left before the cycle: he is not eligible.
func staying(all []planted, histories []drift.History, c int) (out []drift.History) {
	for i, h := range histories {
		if all[i].leaves > c {
			out = append(out, h)
		}
	}
	return out
}

// Of the drifters with four expected orders in the two cycles, 60 % are
// flagged 30 days or more before they leave, and false alarms come as printed.
func TestPlantedDriftersAreFlaggedBeforeTheyLeave(t *testing.T) {
	seeds, err := strconv.Atoi(os.Getenv("ACCEPTANCE_SEEDS"))
	if err != nil || seeds < 1 {
		seeds = 2
	}
	const cycles, customers = 30, 4000
	flagged, drifters, oracle, alarms, printed := 0, 0, 0, 0, 0.0
	for seed := range seeds {
		all := grow(customers, cycles, 1.2, rand.New(rand.NewPCG(uint64(seed), 21)))
		said := make([][]float64, cycles+1)
		for c := drift.Cycles; c <= cycles; c++ {
			histories := at(all, c)
			shop := fit(t, staying(all, histories, c))
			said[c] = make([]float64, customers)
			for i, h := range histories {
				said[c][i], _ = drift.Statistic(shop.Orders(h))
			}
		}
		// The threshold of the first half is held on the second. Who slows down or
		// leaves within three cycles churned.
		past := func(from, to int) (out []drift.Past) {
			for c := from; c < to; c++ {
				for i, p := range all {
					before := 0.0
					if c > drift.Cycles {
						before = said[c-1][i]
					}
					if c <= p.starts { // steady so far
						out = append(out, drift.Past{Customer: i, Statistic: said[c][i], Before: before})
					}
				}
			}
			return out
		}
		chosen, err := drift.Choose(past(drift.Cycles+1, cycles/2+2), 20, 0.95)
		if err != nil {
			t.Fatal(err)
		}
		fresh := past(cycles/2+2, cycles+1)
		rate := drift.FalseAlarms(fresh, chosen.Value, 0.95)
		printed += rate.Value / chosen.Achieved.Value
		alarms += int(rate.Value / 1000 * float64(len(fresh)))
		for i, p := range all {
			if p.leaves >= cycles || 2*p.level < 4 {
				continue
			}
			drifters++
			// A cycle is 30 days: the last look in time is one cycle before leaving.
			hit, best := false, false
			for c := p.starts + 1; c < p.leaves; c++ {
				hit = hit || said[c][i] < 0 && said[c][i] <= chosen.Value
				best = best || knows(p, c)
			}
			if hit {
				flagged++
			}
			if best {
				oracle++
			}
		}
	}
	share, ratio := float64(flagged)/float64(drifters), printed/float64(seeds)
	t.Logf("%d of %d drifters flagged 30 days or more before leaving (%.3f); knowing their level %.3f; %d false alarms, %.3f of the printed",
		flagged, drifters, share, float64(oracle)/float64(drifters), alarms, ratio)
	if share < 0.60 {
		t.Errorf("only %.3f flagged in time", share)
	}
	if alarms < 400 || ratio < 0.8 || ratio > 1.2 {
		t.Errorf("%d false alarms, %.3f of the printed", alarms, ratio)
	}
}

// knows is the best that could be done with two cycles by who knows the
// customer's level and the season: the negative binomial's lower tail at the
// same rate of false alarms, one-sided.
func knows(p planted, c int) bool {
	mean := p.level * (2 + 0.3*math.Sin(float64(c-1)) + 0.3*math.Sin(float64(c-2)))
	seen := p.orders[c-2] + p.orders[c-1]
	const phi = 1.2
	size, prob := mean/(phi-1), 1/phi
	pmf, tail := math.Pow(prob, size), 0.0
	for x := 0; x <= seen; x++ {
		tail += pmf
		pmf *= (size + float64(x)) / float64(x+1) * (1 - prob)
	}
	return tail <= 0.02
}
