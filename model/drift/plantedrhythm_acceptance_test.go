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

// rare is a customer of few orders: the days on which he orders, his own mean
// gap, and for one who drifts the day on which he slows down and that on which
// he has left, the usual gap after his last order.
type rare struct {
	days   []float64
	gap    float64
	starts float64
	leaves float64
	drifts bool
}

// roominess is the variance of one customer's gaps over their squared mean.
const roominess = 0.3

// growRare draws customers who order every 35 to 50 days over so many days, so
// that fewer than two orders are expected in two cycles of 30. Every tenth slows
// down on a day of his own: the gap from the order then is twice as long as
// usual, the next one four times, and then he leaves.
func growRare(n int, span float64, random *rand.Rand) []rare {
	out := make([]rare, n)
	for i := range out {
		c := rare{gap: 35 + 15*random.Float64(), starts: math.Inf(1), leaves: math.Inf(1), drifts: i%10 == 0}
		if c.drifts {
			c.starts = 240 + (span-240)*random.Float64()
		}
		longer := 1
		for day := -c.gap * random.Float64(); day < span; {
			if day >= 0 {
				c.days = append(c.days, day)
			}
			if day >= c.starts {
				if longer *= 2; longer > 4 {
					c.leaves = day + math.Max(30, c.gap)
					break
				}
			}
			day += float64(longer) * c.gap * distuv.Gamma{Alpha: 1 / roominess, Beta: 1 / roominess, Src: random}.Rand()
		}
		out[i] = c
	}
	return out
}

// ages are those of the days with an order of the year before a day, oldest
// first.
func (c rare) ages(day float64) (out []float64) {
	for _, at := range c.days {
		if at < day && at >= day-365 {
			out = append(out, day-at)
		}
	}
	return out
}

// lookRare judges every customer who has not left by a day by his own rhythm.
func lookRare(t *testing.T, all []rare, day, horizon float64, before map[int]drift.Occasion) map[int]drift.Occasion {
	t.Helper()
	var gaps []drift.Gaps
	days := map[int]drift.Days{}
	for id, c := range all {
		if ages := c.ages(day); len(ages) > 0 && c.leaves > day {
			g, d := read(ages)
			gaps = append(gaps, g)
			days[id] = d
		}
	}
	rhythm, err := drift.FitRhythm(gaps)
	if err != nil {
		t.Fatal(err)
	}
	out := map[int]drift.Occasion{}
	for id, d := range days {
		s := rhythm.Orders(drift.Calendar{CycleDays: 30, Movement: ones()}, d, 0)
		o := drift.Occasion{Customer: id, Churned: all[id].leaves <= day+horizon, Before: before[id].Statistic}
		o.Usable[drift.ByRhythm], o.Statistic[drift.ByRhythm] = s.Usable, s.Statistic()
		out[id] = o
	}
	return out
}

// Of those who slow down and leave, and order so seldom that a cycle of the
// calendar tells nothing, 60 % are flagged 30 days or more before they leave,
// and false alarms come as printed. Thresholds are chosen on labels that were
// complete by then, and held on what came after.
func TestPlantedSlowdownsOfFewOrdersAreFlaggedBeforeTheyLeave(t *testing.T) {
	seeds, err := strconv.Atoi(os.Getenv("ACCEPTANCE_SEEDS"))
	if err != nil || seeds < 1 {
		seeds = 2
	}
	const cycles, trained, customers, horizon, rate, cycle = 48, 30, 4000, 3, 20, 30.0
	var slow tally
	alarms, printed := 0, 0.0
	for seed := range seeds {
		all := growRare(customers, cycles*cycle, rand.New(rand.NewPCG(uint64(seed), 27)))
		said := make([]map[int]drift.Occasion, cycles+1)
		for c := drift.Cycles; c <= cycles; c++ {
			said[c] = lookRare(t, all, cycle*float64(c), horizon*cycle, said[c-1])
		}
		var past [][]drift.Occasion
		var known []drift.Occasion
		for c := drift.Cycles + 1; c <= trained-horizon; c++ {
			past = append(past, occasions(said[c]))
			known = append(known, occasions(said[c])...)
		}
		told, err := drift.Foretell(past, horizon, 500, rate)
		if err != nil {
			t.Fatal(err)
		}
		chosen, err := drift.ChooseByKind(known, told.Asked(rate, len(past)), 0.95)
		if err != nil {
			t.Fatal(err)
		}
		stated := drift.FalseAlarms(drift.Said(told.All, len(past)), -1, 0.95)
		var fresh []drift.Past
		var looks []float64
		for c := trained; c <= cycles-horizon; c++ {
			looks = append(looks, cycle*float64(c))
			for _, o := range occasions(said[c]) {
				fresh = append(fresh, o.Scaled(chosen.Rule))
			}
		}
		rateThen := drift.FalseAlarms(fresh, -1, 0.95).Value
		printed += rateThen / stated.Value
		alarms += drift.FalseRuns(fresh)
		knowing := chooseKnowing(t, all, looks, rateThen)
		t.Logf("threshold %.3f, printed %.1f", chosen.Rule.Rhythm, stated.Value)
		for id, c := range all {
			if !c.drifts || c.starts < trained*cycle || c.leaves >= cycles*cycle {
				continue
			}
			hit, best := false, false
			for k := trained; cycle*float64(k) <= c.leaves-30; k++ {
				if day := cycle * float64(k); day > c.starts {
					hit = hit || said[k][id].Scaled(chosen.Rule).Statistic <= -1
					best = best || c.knownGap(day) <= knowing.Value
				}
			}
			slow.count(hit, best)
		}
	}
	ratio := printed / float64(seeds)
	best := float64(slow.known) / float64(slow.drifters)
	t.Logf("flagged 30 days or more before leaving: %.3f of %d who slow down (%.3f by who knows their gaps); %d false alarms, %.3f of the printed",
		slow.share(), slow.drifters, best, alarms, ratio)
	if !(slow.share() >= 0.60) || slow.drifters < 100 {
		t.Errorf("only %.3f of %d flagged in time, by who knows their gaps %.3f", slow.share(), slow.drifters, best)
	}
	if alarms < 400 || ratio < 0.8 || ratio > 1.2 {
		t.Errorf("%d false alarms, %.3f of the printed", alarms, ratio)
	}
}

// knownGap is the statistic of who knows the customer's own gap and how gaps
// vary: the normal quantile of the gamma's upper tail for the pause and the gap
// before it together, at most 0.
func (c rare) knownGap(day float64) float64 {
	ages := c.ages(day)
	if len(ages) < 2 {
		return 0
	}
	sum := distuv.Gamma{Alpha: 2 / roominess, Beta: 1 / roominess / c.gap}
	return math.Min(0, distuv.UnitNormal.Quantile(math.Max(1e-300, sum.Survival(ages[len(ages)-2]))))
}

// chooseKnowing chooses the threshold of who knows the gaps at the rate that
// the rule came to on the same instants.
func chooseKnowing(t *testing.T, all []rare, looks []float64, rate float64) drift.Threshold {
	t.Helper()
	var past []drift.Past
	for id, c := range all {
		before := 0.0
		for _, day := range looks {
			if c.leaves > day {
				now := c.knownGap(day)
				past = append(past, drift.Past{Customer: id, Statistic: now, Before: before, Churned: c.leaves <= day+90})
				before = now
			}
		}
	}
	chosen, err := drift.Choose(past, rate, 0.95)
	if err != nil {
		t.Fatal(err)
	}
	return chosen
}
