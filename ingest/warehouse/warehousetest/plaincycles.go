package warehousetest

import (
	"maps"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/churnwatch/churnwatch/model"
)

// cyclesAreRight holds the cycles of an engine against a plain reading of the
// facts.
func cyclesAreRight(t *testing.T, e FactEngine) {
	t.Helper()
	w := e.open(t)
	e.check(t, func(r *rapid.T) {
		asOf, length := cutoff(r), rapid.SampledFrom([]int{7, 30}).Draw(r, "cycle")
		facts := shop(r, asOf)
		e.replace(t.Context(), r, w, facts)
		offset := rapid.Float64Range(-9, 9).Draw(r, "offset")
		got, err := w.Cycles(t.Context(), model.CyclesQuery{
			AsOf: asOf, Definition: model.Definition{Kind: model.Inactivity, Horizon: 30 * model.Day}, CycleDays: length,
			Satisfaction: model.SatisfactionParameters{Offset: map[string]float64{"nps": offset}, Mean: 61},
		})
		if err != nil {
			r.Fatal(err)
		}
		want := []model.Cycles{}
		for i := range shopCustomers {
			orders := plainOrders(facts, customerID(i), asOf)
			if len(within(orders, "ordered_at", asOf, 365)) > 0 {
				want = append(want, plainCycles(orders, plainPoints(facts, customerID(i), asOf, offset), customerID(i), asOf, length))
			}
		}
		// Variances are of points rounded to millionths.
		near := cmp.Comparer(func(a, b float64) bool {
			return math.IsNaN(a) && math.IsNaN(b) || math.Abs(a-b) <= 1e-4*math.Max(1, math.Abs(a))
		})
		if diff := cmp.Diff(want, got, near); diff != "" {
			r.Fatalf("cycles (-plain +engine):\n%s", diff)
		}
	})
}

// point is an answer on the one scale.
type point struct {
	at     time.Time
	points float64
}

func plainPoints(facts []Fact, customer string, t time.Time, npsOffset float64) []point {
	var out []point
	for _, f := range known(facts, model.Responses, t) {
		if f.text("customer_id") != customer {
			continue
		}
		low, high, _ := model.ScoreRange(f.text("kind"))
		when, _ := f.occurred()
		p := point{when, (f.number("score") - low) / (high - low) * 100}
		if f.text("kind") == "nps" {
			p.points -= npsOffset
		}
		out = append(out, p)
	}
	return out
}

func plainCycles(orders []Fact, answers []point, customer string, t time.Time, cycleDays int) model.Cycles {
	length := time.Duration(cycleDays) * model.Day
	recent := days(within(orders, "ordered_at", t, 365))
	c := model.Cycles{
		Customer: customer, FirstOrder: orderedAt(orders[0]), LastOrder: orderedAt(orders[len(orders)-1]),
		UsualGapDays: gapMean(recent), GapVariance: gapVariance(recent), AnswerLevel: 61,
	}
	for i, to := range []time.Time{t, t.Add(-length)} {
		c.Days[i] = plainDays(orders, t, to)
	}
	c.WaveCount, c.WaveMean, c.WaveAge = plainWaves(answers, t, 8*length)
	for i, span := range []model.Window{{From: t.Add(-120 * model.Day), To: t.Add(-60 * model.Day)}, {From: t.Add(-60 * model.Day), To: t}} {
		for _, o := range orders {
			if span.Holds(orderedAt(o)) {
				c.Orders60d[i]++
				c.Spend60d[i] += o.number("amount")
			}
		}
	}
	for i := range c.Orders {
		cycle := model.Window{From: t.Add(-time.Duration(8-i) * length), To: t.Add(-time.Duration(7-i) * length)}
		for _, o := range orders {
			if cycle.Holds(orderedAt(o)) {
				c.Orders[i]++
			}
		}
		if orderedAt(orders[0]).Before(cycle.From) {
			c.Present++
		}
	}
	for i, span := range []model.Window{
		{From: t.Add(-8 * length), To: t.Add(-2 * length)}, {From: t.Add(-2 * length), To: t.Add(-length)}, {From: t.Add(-length), To: t},
	} {
		var points []float64
		for _, a := range answers {
			if span.Holds(a.at) {
				points = append(points, a.points)
			}
		}
		c.AnswerCount[i], c.AnswerMean[i], c.AnswerVariance[i] = moments(points)
	}
	return c
}

// gapVariance is the sample variance of the spans between days.
func gapVariance(days []time.Time) float64 {
	gaps := make([]float64, 0, len(days))
	for i := range max(len(days)-1, 0) {
		gaps = append(gaps, model.Days(days[i+1].Sub(days[i])))
	}
	_, _, variance := moments(gaps)
	return variance
}

// plainDays reads the days with an order of the year before t that had come
// before to; a day is dated by its last order before to.
func plainDays(orders []Fact, t, to time.Time) model.OrderDays {
	last := map[time.Time]time.Time{} // by day
	for _, o := range within(orders, "ordered_at", t, 365) {
		day := model.StartOfDay(orderedAt(o))
		if orderedAt(o).After(last[day]) {
			last[day] = orderedAt(o)
		}
	}
	var ages []float64
	for _, at := range last {
		if at.Before(to) {
			ages = append(ages, model.Days(t.Sub(at)))
		}
	}
	slices.Sort(ages)
	d := model.OrderDays{Count: len(ages), First: math.NaN(), Third: math.NaN(), Second: math.NaN(), Last: math.NaN()}
	if len(ages) > 0 {
		d.First, d.Last = ages[len(ages)-1], ages[0]
	}
	if len(ages) > 1 {
		d.Second = ages[1]
	}
	if len(ages) > 2 {
		d.Third = ages[2]
	}
	return d
}

// plainWaves reads the two newest days with an answer in the span before t,
// and the answers before them.
func plainWaves(answers []point, t time.Time, span time.Duration) (count [3]int, mean [3]float64, age [2]float64) {
	byDay, newest := map[time.Time][]float64{}, map[time.Time]time.Time{}
	for _, a := range answers {
		if !a.at.Before(t.Add(-span)) {
			day := model.StartOfDay(a.at)
			byDay[day] = append(byDay[day], a.points)
			if a.at.After(newest[day]) {
				newest[day] = a.at
			}
		}
	}
	days := slices.SortedFunc(maps.Keys(byDay), func(a, b time.Time) int { return b.Compare(a) })
	var waves [3][]float64
	age = [2]float64{math.NaN(), math.NaN()}
	for i, day := range days {
		k := max(2-i, 0) // days are newest first: the last two waves, and all before
		waves[k] = append(waves[k], byDay[day]...)
		if k > 0 {
			age[k-1] = model.Days(t.Sub(newest[day])) //nolint:gosec // k is 1 or 2
		}
	}
	for k, points := range waves {
		count[k], mean[k], _ = moments(points)
	}
	return count, mean, age
}

// moments returns number, mean and sample variance, NaN where there is none.
func moments(x []float64) (n int, mean, variance float64) {
	mean, variance = math.NaN(), math.NaN()
	if len(x) == 0 {
		return 0, mean, variance
	}
	sum, squares := 0.0, 0.0
	for _, v := range x {
		sum += v
	}
	mean = sum / float64(len(x))
	for _, v := range x {
		squares += (v - mean) * (v - mean)
	}
	if len(x) > 1 {
		variance = squares / float64(len(x)-1)
	}
	return len(x), mean, variance
}
