package warehousetest

import (
	"math"
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
			Satisfaction: model.SatisfactionParameters{Offset: map[string]float64{"nps": offset}},
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
	c := model.Cycles{
		Customer: customer, LastOrder: orderedAt(orders[len(orders)-1]),
		UsualGapDays: gapMean(days(within(orders, "ordered_at", t, 365))),
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
