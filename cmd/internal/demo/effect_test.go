package demo_test

import (
	"math"
	"testing"
	"time"

	"github.com/churnwatch/churnwatch/cmd/internal/demo"
)

// satisfaction builds the design of doc.go from the files: kind intercepts,
// the painpoints' exposures as known at the answer, and the severity of late
// deliveries beside its mean.
func (b books) satisfaction(planted demo.Planted) design {
	d := design{names: []string{
		"rating", "csat", "nps", "late_delivery", "days_late", "misfit",
		"slow_first_reply", "unresolved_ticket", "cancelled_by_shop", "refund", "cart_abandon", "payment_failed",
	}}
	late, _ := planted.PainPoint("late_delivery")
	cluster := map[string]int{}
	for i, id := range b.ids {
		cluster[id] = i
	}
	for _, r := range b.replies {
		x := make([]float64, len(d.names))
		for j, kind := range d.names[:3] {
			if r.kind == kind {
				x[j] = 1
			}
		}
		switch {
		case r.order != "":
			o := b.orders[r.order]
			if days := o.daysLate(r.at); days > 0 {
				x[3], x[4] = 1, days-late.MeanSeverity
			}
			x[5] = flag(o.misfit && before(o.returned, r.at))
			x[8] = flag(before(o.cancelled, r.at))
			x[9] = flag(o.refunded && before(o.returned, r.at))
		case r.ticket != "":
			t := b.tickets[r.ticket]
			x[6] = flag(before(t.slowAt(), r.at))
			x[7] = flag(before(t.unresolvedAt(), r.at))
		default:
			copy(x[3:], b.incidents(r.customer, r.at))
		}
		d.rows = append(d.rows, x)
		d.y = append(d.y, r.score)
		d.cluster = append(d.cluster, cluster[r.customer])
	}
	return d
}

// incidents counts the last 90 days' incidents of a customer, in the order of
// the columns of satisfaction from late_delivery on.
func (b books) incidents(customer string, asOf time.Time) []float64 {
	n := make([]float64, 9)
	c := b.customers[customer]
	for _, id := range c.orders {
		o := b.orders[id]
		n[0] += within(o.lateAt(), asOf)
		if o.misfit {
			n[2] += within(o.returned, asOf)
		}
		n[5] += within(o.cancelled, asOf)
		if o.refunded {
			n[6] += within(o.returned, asOf)
		}
	}
	for _, id := range c.tickets {
		n[3] += within(b.tickets[id].slowAt(), asOf)
		n[4] += within(b.tickets[id].unresolvedAt(), asOf)
	}
	for j, name := range []string{"cart_abandon", "payment_failed"} {
		for _, at := range c.events[name] {
			n[7+j] += within(at, asOf)
		}
	}
	return n
}

func flag(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// churn builds a plain panel: recency in steps, frequency, cutoffs, and the
// incidents of the last 90 days; the label is 90 days without an order.
func (b books) churn(planted demo.Planted) design {
	d := design{names: []string{
		"base", "recency_30", "recency_60", "recency_90", "recency_135", "recency_180", "orders_90", "orders_90_root", "orders_180",
		"late_delivery", "misfit", "slow_first_reply", "unresolved_ticket", "cancelled_by_shop",
		"refund", "cart_abandon", "payment_failed", "search", "express", "discount", "cutoff_1", "cutoff_2", "cutoff_3",
	}}
	for k := range 4 {
		asOf := planted.End.Add(-time.Duration(90*(k+1)) * oneDay)
		for i, id := range b.ids {
			x, y, eligible := b.panelRow(id, asOf)
			if !eligible {
				continue
			}
			for j := range 3 {
				x = append(x, flag(k == j+1))
			}
			d.rows, d.y, d.cluster = append(d.rows, x), append(d.y, y), append(d.cluster, i)
		}
	}
	return d
}

func (b books) panelRow(id string, asOf time.Time) (x []float64, churned float64, eligible bool) {
	c := b.customers[id]
	last := time.Time{}
	var orders90, orders180, express, discount float64
	churned = 1
	for _, k := range c.orders {
		o := b.orders[k]
		if before(o.at, asOf) && !before(o.cancelled, asOf) && o.at.After(last) {
			last = o.at
		}
		if w := within(o.at, asOf); w > 0 {
			orders90 += w
			express += flag(o.express)
			discount += flag(o.discount)
		}
		orders180 += within(o.at, asOf.Add(-90*oneDay))
		if !before(o.at, asOf) && before(o.at, asOf.Add(90*oneDay)) && !before(o.cancelled, asOf.Add(90*oneDay)) {
			churned = 0
		}
	}
	recency := asOf.Sub(last).Hours() / 24
	if last.IsZero() || recency > 365 {
		return nil, 0, false
	}
	x = append(x, 1)
	for _, limit := range []float64{30, 60, 90, 135, 180} {
		x = append(x, flag(recency > limit))
	}
	n := b.incidents(id, asOf)
	x = append(x, orders90, math.Sqrt(orders90), orders180, n[0], n[2], n[3], n[4], n[5], n[6], n[7], n[8])
	search := 0.0
	for _, at := range c.events["search"] {
		search += within(at, asOf)
	}
	return append(x, search, express, discount), churned, true
}

func TestTheFilesShowThePlantedSatisfactionWeights(t *testing.T) {
	s := generate(t, 5000, 1)
	beta, se := s.read(t).satisfaction(s.planted).fit(t, false)
	for _, name := range []string{
		"late_delivery", "misfit", "slow_first_reply", "unresolved_ticket", "cancelled_by_shop",
		"refund", "cart_abandon", "payment_failed",
	} {
		p, ok := s.planted.PainPoint(name)
		if !ok {
			t.Fatalf("nothing planted for %s", name)
		}
		z := (beta[name] - p.SatisfactionPoints) / se[name]
		t.Logf("%-18s planted %6.2f found %6.2f +- %.2f (z %.1f)", name, p.SatisfactionPoints, beta[name], se[name], z)
		if math.Abs(z) > 4 {
			t.Errorf("%s: planted %.2f, found %.2f +- %.2f", name, p.SatisfactionPoints, beta[name], se[name])
		}
		if p.ChurnDirection != 0 && beta[name]+2*se[name] > 0 {
			t.Errorf("%s: effect is not visible: %.2f +- %.2f", name, beta[name], se[name])
		}
	}
	late, _ := s.planted.PainPoint("late_delivery")
	t.Logf("days_late planted %.2f found %.2f +- %.2f", late.SatisfactionPerSeverity, beta["days_late"], se["days_late"])
	if z := (beta["days_late"] - late.SatisfactionPerSeverity) / se["days_late"]; math.Abs(z) > 4 {
		t.Errorf("days late: planted %.2f, found %.2f +- %.2f", late.SatisfactionPerSeverity, beta["days_late"], se["days_late"])
	}
}

func TestTheFilesShowThePlantedCausesOfChurn(t *testing.T) {
	s := generate(t, 5000, 1)
	beta, se := s.read(t).churn(s.planted).fit(t, true)
	for _, p := range s.planted.PainPoints {
		if _, ok := beta[p.Name]; !ok {
			continue
		}
		z := beta[p.Name] / se[p.Name]
		t.Logf("%-18s direction %d found %6.3f +- %.3f (z %.1f)", p.Name, p.ChurnDirection, beta[p.Name], se[p.Name], z)
		if p.ChurnDirection > 0 && z < 2 {
			t.Errorf("%s: a planted cause is not visible: %.3f +- %.3f", p.Name, beta[p.Name], se[p.Name])
		}
		if p.ChurnDirection == 0 && math.Abs(z) > 4 {
			t.Errorf("%s: no effect was planted, found %.3f +- %.3f", p.Name, beta[p.Name], se[p.Name])
		}
	}
	for _, name := range []string{"search", "express", "discount"} {
		z := beta[name] / se[name]
		t.Logf("%-18s no effect   found %6.3f +- %.3f (z %.1f)", name, beta[name], se[name], z)
		if math.Abs(z) > 4 {
			t.Errorf("%s: no effect was planted, found %.3f +- %.3f", name, beta[name], se[name])
		}
	}
}
