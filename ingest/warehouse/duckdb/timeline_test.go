package duckdb_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/churnwatch/churnwatch/model"
)

// fullLife gives one customer a fact of every kind, and another one an order.
func fullLife(t *testing.T) *gate {
	t.Helper()
	g := openGate(t)
	for _, f := range []struct {
		kind model.FactKind
		text string
	}{
		{model.Customers, "customer_id,signed_up_at,channel\nann,2024-01-01,web\n"},
		{model.Contracts, "contract_id,customer_id,started_at,price,cancelled_at\nk,ann,2024-01-02,10,2024-05-01\n"},
		{model.Orders, "order_id,customer_id,ordered_at,amount,delivered_at,returned_at,refunded_amount,return_reason\no1,ann,2024-02-01,20,2024-02-05,2024-02-09,15,too small\no2,bob,2024-02-01,9,,,,\n"},
		{model.Responses, "response_id,customer_id,answered_at,kind,score,order_id,comment\nr1,ann,2024-02-10,nps,3,o1,it pinches\n"},
		{model.Tickets, "ticket_id,customer_id,opened_at,first_replied_at,resolved_at,topic\nt1,ann,2024-02-11,2024-02-12,2024-02-13,fit\n"},
		{model.Events, "customer_id,occurred_at,name,value\nann,2024-02-14,visit,2\n"},
		{model.Outreach, "outreach_id,customer_id,sent_at,kind,template,trigger_id,replied_at\nm1,ann,2024-02-15,retention,sorry,x1,2024-02-16\n"},
	} {
		g.take(t, f.kind, f.text)
	}
	return g
}

func entries(t *testing.T, g *gate, q model.TimelineQuery) (out []string) {
	t.Helper()
	q.Customer = "ann"
	found, err := g.store.Timeline(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range found {
		value, text := "-", "-"
		if e.Value != nil {
			value = fmt.Sprint(*e.Value)
		}
		if e.Text != nil {
			text = *e.Text
		}
		out = append(out, fmt.Sprintf("%s %s %s %s %s", e.At.Format("0102"), e.Kind, e.What, value, text))
	}
	return out
}

func TestATimelineHoldsEveryMomentNewestFirst(t *testing.T) {
	g := fullLife(t)
	late := time.Date(2024, 6, 1, 0, 0, 0, 0, time.UTC)
	all := []string{
		"0501 contracts notice - -",
		"0216 outreach replied - retention: sorry", "0215 outreach sent - retention: sorry",
		"0214 events visit 2 -",
		"0213 tickets resolved - fit", "0212 tickets first_replied - fit", "0211 tickets opened - fit",
		"0210 responses nps 3 it pinches",
		"0209 orders returned 15 too small", "0205 orders delivered 20 -", "0201 orders ordered 20 -",
		"0102 contracts started - -", "0101 customers signed_up - -",
	}
	if diff := cmp.Diff(all, entries(t, g, model.TimelineQuery{AsOf: late})); diff != "" {
		t.Errorf("all (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(all[10:], entries(t, g, model.TimelineQuery{AsOf: time.Date(2024, 2, 5, 0, 0, 0, 0, time.UTC)})); diff != "" {
		t.Errorf("as of an earlier day, at its first instant (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(all[4:8], entries(t, g, model.TimelineQuery{AsOf: late, Kinds: []model.TimelineKind{"tickets", "responses"}})); diff != "" {
		t.Errorf("two kinds (-want +got):\n%s", diff)
	}
	var paged []string
	var after *model.TimelineCursor
	for range all {
		page, err := g.store.Timeline(t.Context(), model.TimelineQuery{Customer: "ann", AsOf: late, Top: 3, After: after})
		if err != nil {
			t.Fatal(err)
		}
		if len(page) == 0 {
			break
		}
		for _, e := range page {
			paged = append(paged, e.What)
		}
		last := page[len(page)-1]
		after = &model.TimelineCursor{At: last.At, Kind: last.Kind, What: last.What, ID: last.ID}
	}
	if len(paged) != len(all) {
		t.Errorf("pages hold %v", paged)
	}
}
