package duckdb_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/churnwatch/churnwatch/model"
)

// Outreach that answers no trigger is counted from the first trigger on: what
// was sent before answered those of another program.
func TestOutreachThatNamesNoTriggerIsCounted(t *testing.T) {
	g := openGate(t)
	made := time.Date(2024, 1, 10, 0, 0, 0, 0, time.UTC)
	run := model.RetentionRun{From: made.Add(-time.Hour), To: made, RanAt: made}
	lives := []model.TriggerLife{{TriggerID: "t1", Status: model.TriggerOpen, At: made}}
	if err := g.store.SaveRetention(t.Context(), run, []model.Trigger{{ID: "t1", CustomerID: "ann"}}, lives); err != nil {
		t.Fatal(err)
	}
	g.take(t, model.Outreach, `outreach_id,customer_id,sent_at,kind,trigger_id
m1,ann,2024-01-09,retention,old
m2,ann,2024-01-11,retention,t1
m3,ann,2024-01-12,retention,T1
m4,ann,2024-01-13,marketing,
m5,ann,2024-02-02,retention,other
`)
	facts, err := g.store.Quality(t.Context(), time.Date(2024, 2, 1, 0, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	if want := (model.OddCount{Name: "trigger", Kind: model.Outreach, Total: 2, Odd: 1}); !slices.Contains(facts.References, want) {
		t.Errorf("references %v, want %v among them", facts.References, want)
	}
}

// A reference counts once something of the kind that it names is known, not
// once it will be.
func TestReferencesDoNotShowWhatBecameKnownLater(t *testing.T) {
	g := openGate(t)
	g.take(t, model.Responses, "response_id,customer_id,answered_at,kind,score,order_id,ticket_id\nr1,ann,2024-01-02,nps,3,o1,t1\n")
	at := time.Date(2024, 2, 1, 0, 0, 0, 0, time.UTC)
	references := func() []model.OddCount {
		t.Helper()
		facts, err := g.store.Quality(t.Context(), at)
		if err != nil {
			t.Fatal(err)
		}
		return facts.References
	}
	before := references()
	g.take(t, model.Tickets, "ticket_id,customer_id,opened_at\nt9,ann,2024-02-02\n")
	g.take(t, model.Orders, "order_id,customer_id,ordered_at,amount\no9,ann,2024-02-02,1\n")
	g.take(t, model.Customers, "customer_id,signed_up_at\nann,2024-02-02\n")
	if diff := cmp.Diff(before, references()); diff != "" {
		t.Errorf("references (-before +after):\n%s", diff)
	}
	g.take(t, model.Tickets, "ticket_id,customer_id,opened_at\nt8,ann,2024-01-02\n")
	if want := (model.OddCount{Name: "ticket", Kind: model.Responses, Total: 1, Odd: 1}); !slices.Contains(references(), want) {
		t.Errorf("references, once a ticket was known: %v, want %v among them", references(), want)
	}
}

// Rows that are sent one by one are judged together, and those about somebody who
// was erased are as they should be.
func TestTheNewestLoadsAreJudgedTogether(t *testing.T) {
	s := openShelter(t)
	if _, err := s.store.EraseCustomer(t.Context(), "wanda", clock()); err != nil {
		t.Fatal(err)
	}
	const header = "order_id,customer_id,ordered_at,amount\n"
	s.take(t, model.Orders, header+"n1,xan,2024-01-01,1\nn2,xan,2024-01-02,1\nn3,xan,yesterday,1\n")
	s.take(t, model.Orders, header+"n4,xan,2024-01-03,1\nn5,xan,2024-01-04,1\n")
	s.take(t, model.Orders, header+"n6,xan,yesterday,1\nn7,xan,2024-01-05,1\n")
	s.take(t, model.Orders, header+"n8,wanda,2024-01-06,1\nn9,xan,2024-01-06,1\n")
	of := func(least int64) model.RefusedShare {
		t.Helper()
		all, err := s.store.Refusals(t.Context(), least)
		if err != nil {
			t.Fatal(err)
		}
		at := slices.IndexFunc(all, func(r model.RefusedShare) bool { return r.Kind == model.Orders })
		if at < 0 {
			t.Fatalf("no orders in %+v", all)
		}
		return all[at]
	}
	for least, want := range map[int64][3]int64{1: {1, 1, 0}, 2: {2, 3, 1}, 3: {2, 3, 1}, 4: {3, 5, 1}, 6: {4, 8, 2}} {
		if r := of(least); [3]int64{r.NewestLoads, r.NewestRead, r.NewestRefused} != want {
			t.Errorf("newest loads of %d rows: %+v, want loads, read and refused %v", least, r, want)
		}
	}
	if r := of(20); r.Refused != 2 || r.FrequentReason != model.NotATime {
		t.Errorf("all loads: %+v, want 2 refused, mostly for %s", r, model.NotATime)
	}
}
