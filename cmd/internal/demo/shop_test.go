package demo_test

import (
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/churnwatch/churnwatch/cmd/internal/demo"
)

func TestKeysAreUniqueAndReferencesHold(t *testing.T) {
	s := generate(t, 2000, 1)
	keys := map[string]map[string]string{} // kind -> key -> customer
	collect := func(kind, key string) {
		keys[kind] = map[string]string{}
		s.each(t, kind, func(r record) {
			id := r[key]
			if kind == "order_items" {
				id += "/" + r["line"]
			}
			if _, twice := keys[kind][id]; twice || id == "" {
				t.Errorf("%s: key %q twice or empty", kind, id)
			}
			keys[kind][id] = r["customer_id"]
		})
	}
	collect("customers", "customer_id")
	collect("orders", "order_id")
	collect("order_items", "order_id")
	collect("responses", "response_id")
	collect("tickets", "ticket_id")
	collect("events", "event_id")

	for _, kind := range []string{"orders", "responses", "tickets", "events"} {
		s.each(t, kind, func(r record) {
			customer := r["customer_id"]
			if _, ok := keys["customers"][customer]; !ok {
				t.Errorf("%s: no customer %q", kind, customer)
			}
			if id := r["order_id"]; kind != "orders" && id != "" && keys["orders"][id] != customer {
				t.Errorf("%s: order %q is not one of %q", kind, id, customer)
			}
			if id := r["ticket_id"]; kind == "responses" && id != "" && keys["tickets"][id] != customer {
				t.Errorf("response: ticket %q is not one of %q", id, customer)
			}
		})
	}
	amounts := map[string]float64{}
	s.each(t, "order_items", func(r record) {
		amounts[r["order_id"]] += r.number(t, "quantity") * r.number(t, "unit_price")
	})
	s.each(t, "orders", func(r record) {
		total := r.number(t, "amount") + r.number(t, "discount_amount")
		if d := amounts[r["order_id"]] - total; d > 0.005 || d < -0.005 {
			t.Errorf("order %s: items make %.2f, the order %.2f", r["order_id"], amounts[r["order_id"]], total)
		}
	})
}

func TestTimesAreInOrderAndInsideTheHistory(t *testing.T) {
	generate(t, 2000, 2).checkOrderOfTime(t)
}

// checkOrderOfTime holds that dates follow one another as in a shop and that
// nothing was exported before it happened.
func (s shop) checkOrderOfTime(t *testing.T) {
	t.Helper()
	known := func(r record, names ...string) {
		last := s.planted.Start
		for _, name := range names {
			at := r.moment(t, name)
			if at.IsZero() {
				continue
			}
			if at.Before(last) || !at.Before(s.planted.End) {
				t.Errorf("%s %s: before %s or outside the history", name, at, last)
			}
			last = at
		}
	}
	signed := map[string]time.Time{}
	s.each(t, "customers", func(r record) { signed[r["customer_id"]] = r.moment(t, "signed_up_at") })
	after := func(r record, name string) {
		if r.moment(t, name).Before(signed[r["customer_id"]]) {
			t.Errorf("%s of %s before the sign-up", name, r["customer_id"])
		}
	}
	s.each(t, "orders", func(r record) {
		known(r, "ordered_at", "delivered_at", "returned_at")
		known(r, "ordered_at", "cancelled_at")
		after(r, "ordered_at")
		cancelled, promised := r.moment(t, "cancelled_at"), r.date(t, "promised_at")
		if !cancelled.IsZero() && (!cancelled.Before(promised.Add(oneDay)) || r["delivered_at"] != "") {
			t.Errorf("order %s: cancelled %s though promised for %s or delivered", r["order_id"], cancelled, promised)
		}
		if (r["returned_at"] == "") != (r["return_reason"] == "") || (r["returned_at"] == "") != (r["refunded_amount"] == "") {
			t.Errorf("order %s: a return without its reason or refund, or the other way round", r["order_id"])
		}
	})
	s.each(t, "tickets", func(r record) {
		known(r, "opened_at", "first_replied_at", "resolved_at")
	})
	s.each(t, "responses", func(r record) { known(r, "answered_at"); after(r, "answered_at") })
	s.each(t, "events", func(r record) { known(r, "occurred_at"); after(r, "occurred_at") })
}

func TestRatesAreThoseOfAPlausibleShop(t *testing.T) {
	s := generate(t, 5000, 1)
	f := s.planted.Facts
	last := f.Inactivity[0]
	orders, tickets := float64(f.Orders), float64(f.Tickets)
	for _, c := range []struct {
		name      string
		got       float64
		low, high float64
	}{
		{"orders", orders, 40_000, 60_000},
		{"answers", float64(f.Answers), 15_000, 20_000},
		{"tickets", tickets, 5_500, 8_000},
		{"events", float64(f.Events), 100_000, 150_000},
		{"late per order", float64(f.LateDeliveries) / orders, 0.08, 0.11},
		{"returns per order", float64(f.Returns) / orders, 0.045, 0.07},
		{"tickets per order", tickets / orders, 0.09, 0.14},
		{"slow per ticket", float64(f.SlowFirstReplies) / tickets, 0.22, 0.28},
		{"unresolved per ticket", float64(f.UnresolvedTickets) / tickets, 0.09, 0.15},
		{"answers of late orders before arrival", float64(f.LateAnswersBeforeArrival) / float64(f.LateAnswers), 0.2, 0.6},
		{"inactivity, End-90", last.Rate, 0.2, 0.4},
		{"inactivity, End-180", f.Inactivity[1].Rate, 0.2, 0.4},
		{"left per customer", float64(f.Left) / 5000, 0.2, 0.4},
		{"left drifting per left", float64(f.LeftDrifting) / float64(f.Left), 0.25, 0.5},
		{"planted mean severity", float64(f.LateDaysAtAnswers)/float64(f.LateAnswers) - lateMean(s.planted), -0.2, 0.2},
	} {
		t.Logf("%-38s %10.3f", c.name, c.got)
		if c.got < c.low || c.got > c.high {
			t.Errorf("%s: %.3f, want %.3f to %.3f", c.name, c.got, c.low, c.high)
		}
	}
	for _, file := range s.files {
		t.Logf("%-12s %8d rows %9d bytes", file.Kind, file.Rows, file.Bytes)
	}
}

func lateMean(p demo.Planted) float64 {
	late, _ := p.PainPoint("late_delivery")
	return late.MeanSeverity
}

func TestFactsAreWhatTheFilesShow(t *testing.T) {
	s := generate(t, 1500, 4)
	b := s.read(t)
	var got, want struct{ Late, Returns, Misfits, Cancelled, Eligible, Churned int }
	for _, o := range b.orders {
		got.Late += int(flag(before(o.lateAt(), s.planted.End)))
		got.Returns += int(flag(!o.returned.IsZero()))
		got.Misfits += int(flag(o.misfit))
		got.Cancelled += int(flag(!o.cancelled.IsZero()))
	}
	asOf := s.planted.Facts.Inactivity[0].AsOf
	for _, id := range b.ids {
		_, churned, eligible := b.panelRow(id, asOf)
		got.Eligible += int(flag(eligible))
		got.Churned += int(churned * flag(eligible))
	}
	f := s.planted.Facts
	want.Late, want.Returns, want.Misfits, want.Cancelled = f.LateDeliveries, f.Returns, f.Misfits, f.CancelledOrders
	want.Eligible, want.Churned = f.Inactivity[0].Eligible, f.Inactivity[0].Churned
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestTheSeasonShowsInTheOrders(t *testing.T) {
	s := generate(t, 5000, 1)
	december := time.Date(2025, 12, 1, 0, 0, 0, 0, time.UTC)
	february := time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC)
	var peak, trough float64
	s.each(t, "orders", func(r record) {
		at := r.moment(t, "ordered_at")
		peak += flag(!at.Before(december) && at.Before(december.AddDate(0, 0, 21)))
		trough += flag(!at.Before(february) && at.Before(february.AddDate(0, 0, 21)))
	})
	if ratio := peak / trough; ratio < 1.3 || ratio > 2.2 {
		t.Errorf("December has %.2f times the orders of February", ratio)
	}
}

func TestSatisfactionFallsBeforeCustomersLeave(t *testing.T) {
	s := generate(t, 5000, 1)
	b := s.read(t)
	last := map[string]time.Time{}
	for id, c := range b.customers {
		for _, o := range c.orders {
			if at := b.orders[o].at; at.After(last[id]) {
				last[id] = at
			}
		}
	}
	var sum, squares, n [2]float64
	for _, r := range b.replies {
		end := last[r.customer]
		if end.After(s.planted.End.Add(-120*oneDay)) || r.at.After(end.Add(15*oneDay)) {
			continue
		}
		late := int(flag(r.at.After(end.Add(-30 * oneDay))))
		sum[late] += r.score
		squares[late] += r.score * r.score
		n[late]++
	}
	var mean, variance [2]float64
	for k := range n {
		mean[k] = sum[k] / n[k]
		variance[k] = (squares[k]/n[k] - mean[k]*mean[k]) / n[k]
	}
	z := (mean[0] - mean[1]) / math.Sqrt(variance[0]+variance[1])
	t.Logf("answers of leavers: %.1f before, %.1f in the last weeks (z %.1f)", mean[0], mean[1], z)
	if z < 2.5 {
		t.Errorf("answers fall from %.1f to %.1f only (z %.1f)", mean[0], mean[1], z)
	}
}
