package warehousetest

import (
	"fmt"
	"maps"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/churnwatch/churnwatch/model"
)

// message is one that a customer was sent.
func message(customer, kind string, sent time.Time) Fact {
	return row(model.Outreach, map[string]any{
		"outreach_id": fmt.Sprintf("%s %s %s", customer, kind, sent.Format(time.RFC3339Nano)), "customer_id": customer, "kind": kind, "sent_at": sent,
	})
}

// outcomesAreRight has customers for whom something was said on the tenth of
// March for ten days: one of each fate, and one of each kind of message.
func outcomesAreRight(t *testing.T, e FactEngine) {
	t.Helper()
	from, to := at(10, 0), at(20, 0)
	learnt := func(f Fact, known time.Time) Fact { f.KnownAt, f.SettledAt = known, known; return f }
	order := func(customer string, ordered time.Time, more map[string]any) Fact {
		values := map[string]any{"order_id": customer + ordered.String(), "customer_id": customer, "ordered_at": ordered, "amount": 20.0}
		maps.Copy(values, more)
		return row(model.Orders, values)
	}
	w := e.with(
		t,
		order("kept", from, nil),
		order("left", to, nil), // too late
		order("left", at(9, 0), nil),
		order("void", at(12, 0), map[string]any{"cancelled_at": at(13, 0)}),
		learnt(order("unheard", at(12, 0), nil), to), // known too late

		message("first", "retention", from), message("last", "retention", to.Add(-time.Microsecond)),
		message("before", "retention", from.Add(-time.Microsecond)), message("after", "retention", to),
		message("asked", "survey", at(12, 0)), message("sold", "marketing", at(12, 0)), message("told", "transactional", at(12, 0)),
		learnt(message("unknown", "retention", at(12, 0)), to),
		message("held", "retention", at(12, 0)), message("twice", "retention", at(12, 0)), message("twice", "retention", at(13, 0)),
		message("nobody", "retention", at(12, 0)),
	)
	r := run(unscored("silent", model.StatusInsufficientEvidence))
	r.AsOf, r.ScoredAt, r.Definition.Horizon = from, from.Add(time.Hour), 10*model.Day
	want := []model.Outcome{
		{Customer: "after", Churned: true},
		{Customer: "asked", Churned: true},
		{Customer: "before", Churned: true},
		{Customer: "first", Churned: true, Treated: true},
		{Customer: "held", Churned: true, Holdout: true, Treated: true},
		{Customer: "kept", Holdout: true},
		{Customer: "last", Churned: true, Treated: true},
		{Customer: "left", Churned: true},
		{Customer: "sold", Churned: true},
		{Customer: "told", Churned: true},
		{Customer: "twice", Churned: true, Treated: true},
		{Customer: "unheard", Churned: true},
		{Customer: "unknown", Churned: true},
		{Customer: "void", Churned: true},
	}
	for i := range want {
		want[i].Probability = float64(1+i) / 100
		s := score(want[i].Customer, want[i].Probability)
		s.Holdout = want[i].Holdout
		r.Scores = append(r.Scores, s)
	}
	published := e.published(t, w, r)
	got, err := w.Outcomes(t.Context(), published)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// outcomesOfContracts has a contract with a notice, one without, and customers
// of each who were sent a message.
func outcomesOfContracts(t *testing.T, e FactEngine) {
	t.Helper()
	contract := func(customer string, more map[string]any) Fact {
		values := map[string]any{"contract_id": customer, "customer_id": customer, "started_at": at(1, 0)}
		maps.Copy(values, more)
		return row(model.Contracts, values)
	}
	w := e.with(
		t, contract("goes", map[string]any{"cancelled_at": at(12, 0)}), contract("later", map[string]any{"cancelled_at": at(20, 0)}), contract("stays", nil),
		message("goes", "retention", at(11, 0)), message("stays", "retention", at(11, 0)),
	)
	r := run(score("goes", 0.5), score("later", 0.25), score("stays", 0.125))
	r.AsOf, r.ScoredAt, r.Definition = at(10, 0), at(10, 1), model.Definition{Kind: model.Cancellation, Horizon: 10 * model.Day}
	got, err := w.Outcomes(t.Context(), e.published(t, w, r))
	if err != nil {
		t.Fatal(err)
	}
	want := []model.Outcome{
		{Customer: "goes", Probability: 0.5, Churned: true, Treated: true},
		{Customer: "later", Probability: 0.25},
		{Customer: "stays", Probability: 0.125, Treated: true},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// published stores and publishes a run, and returns it as it is listed.
func (e FactEngine) published(t *testing.T, w FactWarehouse, r Run) model.PublishedRun {
	t.Helper()
	number, err := e.Put(t.Context(), w, r)
	if err != nil {
		t.Fatal(err)
	}
	unpublished, err := w.Published(t.Context())
	if err != nil || len(unpublished) > 0 {
		t.Errorf("before it is published: %+v, %v", unpublished, err)
	}
	when := r.ScoredAt.Add(time.Minute)
	if _, err := w.Publish(t.Context(), number, when); err != nil {
		t.Fatal(err)
	}
	runs, err := w.Published(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := []model.PublishedRun{{Run: number, Model: r.Model, AsOf: r.AsOf, ScoredAt: r.ScoredAt, PublishedAt: when, Definition: r.Definition}}
	if diff := cmp.Diff(want, runs); diff != "" {
		t.Fatalf("(-want +got):\n%s", diff)
	}
	return runs[0]
}
