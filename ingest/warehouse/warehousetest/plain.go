package warehousetest

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/churnwatch/churnwatch/model"
)

// A plain reading of facts: the same features and labels as an engine's, one
// customer at a time, by loops.

// plainOrders returns a customer's orders that count as of t, oldest first.
func plainOrders(facts []Fact, customer string, t time.Time) []Fact {
	var out []Fact
	for _, o := range known(facts, model.Orders, t) {
		if o.text("customer_id") == customer && !void(o, t) {
			out = append(out, o)
		}
	}
	slices.SortFunc(out, func(a, b Fact) int {
		return cmp.Or(orderedAt(a).Compare(orderedAt(b)), cmp.Compare(a.number("amount"), b.number("amount")))
	})
	return out
}

func orderedAt(o Fact) time.Time { at, _ := o.instant("ordered_at"); return at }

// void reports whether an order does not count as of t.
func void(o Fact, t time.Time) bool {
	delivered, isDelivered := o.seen("delivered_at", t)
	if cancelled, ok := o.seen("cancelled_at", t); ok && (!isDelivered || cancelled.Before(delivered)) {
		return true
	}
	status := strings.ToLower(strings.TrimSpace(o.text("status")))
	return !isDelivered && o.SettledAt.Before(t) && status == "cancelled"
}

// seen returns a dated column as of t.
func (f Fact) seen(column string, t time.Time) (time.Time, bool) {
	at, ok := f.instant(column)
	return at, ok && at.Before(t)
}

// within returns the facts whose column lies in [t-days, t).
func within(facts []Fact, column string, t time.Time, days int) []Fact {
	var out []Fact
	for _, f := range facts {
		if at, ok := f.instant(column); ok && at.Before(t) && !at.Before(t.Add(-time.Duration(days)*model.Day)) {
			out = append(out, f)
		}
	}
	return out
}

// plainFeatures returns some features of a customer as of t.
func plainFeatures(facts []Fact, customer string, t time.Time, lookback int) map[string]float64 {
	all := plainOrders(facts, customer, t)
	recent := within(all, "ordered_at", t, lookback)
	out := map[string]float64{
		"recency_days":     model.Days(t.Sub(orderedAt(recent[len(recent)-1]))),
		"tenure_days":      model.Days(t.Sub(orderedAt(recent[0]))),
		"orders_90d":       float64(len(within(all, "ordered_at", t, 90))),
		"spend_90d":        amount(within(all, "ordered_at", t, 90)),
		"order_days_365d":  float64(len(days(within(all, "ordered_at", t, 365)))),
		"order_value_last": recent[len(recent)-1].number("amount"),
		"gap_mean_days":    gapMean(days(within(all, "ordered_at", t, lookback))),
	}
	out["recency_to_gap"] = out["recency_days"] / math.Max(out["gap_mean_days"], 1)
	for name, n := range plainIncidents(facts, customer, t) {
		out[name+"_90d"] = float64(n)
	}
	out["visits_30d"] = 0
	for _, e := range within(known(facts, model.Events, t), "occurred_at", t, 30) {
		if e.text("customer_id") == customer && e.text("name") == "visit" {
			out["visits_30d"]++
		}
	}
	return out
}

func amount(orders []Fact) float64 {
	cents := 0.0
	for _, o := range orders {
		cents += math.Round(o.number("amount") * 100)
	}
	return cents / 100
}

// days returns the distinct days of orders, ascending.
func days(orders []Fact) []time.Time {
	out := make([]time.Time, 0, len(orders))
	for _, o := range orders {
		out = append(out, model.StartOfDay(orderedAt(o)))
	}
	slices.SortFunc(out, time.Time.Compare)
	return slices.CompactFunc(out, time.Time.Equal)
}

// gapMean is the mean span between days that lie in the window.
func gapMean(days []time.Time) float64 {
	if len(days) < 2 {
		return math.NaN()
	}
	return model.Days(days[len(days)-1].Sub(days[0])) / float64(len(days)-1)
}

// plainIncidents counts some pain points of a customer in the 90 days before
// t.
func plainIncidents(facts []Fact, customer string, t time.Time) map[string]int {
	out := map[string]int{"late_delivery": 0, "not_delivered": 0, "cancelled_by_shop": 0, "misfit": 0, "slow_first_reply": 0, "unresolved_ticket": 0}
	add := func(name string, at time.Time, ok bool) {
		if ok && at.Before(t) && !at.Before(t.Add(-90*model.Day)) {
			out[name]++
		}
	}
	for _, o := range known(facts, model.Orders, t) {
		if o.text("customer_id") != customer {
			continue
		}
		ends, promised := o.instant("promise_ends_at")
		lost := ends.Add(21 * model.Day)
		missing := promised && lost.Before(t) && !o.doneBy(lost, t)
		add("late_delivery", ends, promised && !o.doneBy(ends, t) && !missing)
		add("not_delivered", lost, missing)
		cancelled, isCancelled := o.seen("cancelled_at", t)
		delivered, isDelivered := o.seen("delivered_at", t)
		add("cancelled_by_shop", cancelled, isCancelled && (!isDelivered || cancelled.Before(delivered)))
		returned, isReturned := o.seen("returned_at", t)
		add("misfit", returned, isReturned && o.text("return_reason") == "misfit")
	}
	for _, k := range known(facts, model.Tickets, t) {
		if k.text("customer_id") != customer {
			continue
		}
		opened, _ := k.instant("opened_at")
		replied, isReplied := k.seen("first_replied_at", t)
		resolved, isResolved := k.seen("resolved_at", t)
		slow, stuck := opened.Add(24*time.Hour), opened.Add(72*time.Hour)
		add("slow_first_reply", slow, (!isReplied || replied.After(slow)) && (!isResolved || resolved.After(slow)))
		add("unresolved_ticket", stuck, !isResolved || resolved.After(stuck))
	}
	return out
}

// doneBy reports whether an order was delivered or cancelled before an
// instant, as seen at t.
func (f Fact) doneBy(instant, t time.Time) bool {
	delivered, isDelivered := f.seen("delivered_at", t)
	cancelled, isCancelled := f.seen("cancelled_at", t)
	return isDelivered && delivered.Before(instant) || isCancelled && cancelled.Before(instant)
}

// featuresAreRight holds an engine's panel against the plain reading.
func featuresAreRight(t *testing.T, e FactEngine) {
	t.Helper()
	w := e.open(t)
	e.check(t, func(r *rapid.T) {
		asOf, lookback := cutoff(r), rapid.SampledFrom([]int{100, 365}).Draw(r, "lookback")
		facts := shop(r, asOf)
		e.replace(t.Context(), r, w, facts)
		definition := model.Definition{Kind: model.Inactivity, Horizon: 30 * model.Day, Lookback: time.Duration(lookback) * model.Day}
		p, err := w.Panel(t.Context(), model.PanelQuery{AsOf: asOf, Definition: definition, Features: model.Catalogue(model.Inactivity)})
		if err != nil {
			r.Fatal(err)
		}
		want := []string{}
		for i := range shopCustomers {
			if c := customerID(i); len(within(plainOrders(facts, c, asOf), "ordered_at", asOf, lookback)) > 0 {
				want = append(want, c)
			}
		}
		if !slices.Equal(want, p.Customers) || p.Eligible != len(want) {
			r.Fatalf("eligible: want %v, got %v (%d)", want, p.Customers, p.Eligible)
		}
		for row, c := range p.Customers {
			comparePlain(r, p, row, plainFeatures(facts, c, asOf, lookback))
		}
	})
}

func comparePlain(r *rapid.T, p *model.Panel, row int, want map[string]float64) {
	for i, f := range p.Features {
		expected, ok := want[f.Name]
		if !ok {
			continue
		}
		got := p.Numbers[i][row]
		if math.IsNaN(expected) != math.IsNaN(got) || math.Abs(expected-got) > 1e-9*math.Max(1, math.Abs(expected)) {
			r.Errorf("%s of %s: want %v, got %v", f.Name, p.Customers[row], expected, got)
		}
	}
}

// labelsAreRight holds labels against the plain reading.
func labelsAreRight(t *testing.T, e FactEngine) {
	t.Helper()
	w := e.open(t)
	e.check(t, func(r *rapid.T) {
		end := cutoff(r)
		facts := shop(r, end)
		e.replace(t.Context(), r, w, facts)
		definition := model.Definition{Kind: model.Inactivity, Horizon: 90 * model.Day, Lookback: 365 * model.Day}
		p, err := w.Panel(t.Context(), model.PanelQuery{AsOf: end.Add(-definition.Horizon), Definition: definition, Labels: true})
		if err != nil {
			r.Fatal(err)
		}
		for i, c := range p.Customers {
			want := len(within(plainOrders(facts, c, end), "ordered_at", end, 90)) == 0
			if p.Churned[i] != want {
				r.Errorf("%s churned: want %v, got %v", c, want, p.Churned[i])
			}
		}
	})
}
