package warehousetest

import (
	"maps"
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/churnwatch/churnwatch/model"
)

// A few small shops where every figure can be counted by hand.

// at returns an instant of March 2026.
func at(day, hour int) time.Time { return time.Date(2026, 3, day, hour, 0, 0, 0, time.UTC) }

// row is a fact that was known when it occurred and settled at once.
func row(kind model.FactKind, values map[string]any) Fact {
	f := Fact{Kind: kind, Values: values}
	f.KnownAt = at(1, 0).Add(-500 * model.Day)
	if occurred, ok := f.occurred(); ok {
		f.KnownAt = occurred
	}
	f.SettledAt = f.KnownAt
	return f
}

// parcel is an order of c0 on the first of March, promised for the third.
func parcel(id string, more map[string]any) Fact {
	values := map[string]any{
		"order_id": id, "customer_id": "c0", "ordered_at": at(1, 9), "amount": 20.0,
		"promised_at": at(3, 0), "promise_ends_at": at(4, 0),
	}
	maps.Copy(values, more)
	return row(model.Orders, values)
}

func reply(id string, answered time.Time, more map[string]any) Fact {
	values := map[string]any{"response_id": id, "customer_id": "c0", "answered_at": answered, "kind": "nps", "score": 3.0}
	maps.Copy(values, more)
	return row(model.Responses, values)
}

// exposuresAreRight asks answers to an order that comes on the seventh.
func exposuresAreRight(t *testing.T, e FactEngine) {
	t.Helper()
	late := parcel("o1", map[string]any{"delivered_at": at(7, 12), "sampling_weight": 4.0})
	mended := parcel("o2", map[string]any{"delivered_at": at(3, 12)})
	wrong := parcel("o2", map[string]any{"delivered_at": at(6, 12)})
	mended.Revision, mended.KnownAt, mended.SettledAt = 1, at(9, 0), at(9, 0)
	about := func(order string) map[string]any { return map[string]any{"order_id": order} }
	w := e.with(
		t, late, wrong, mended,
		row(model.Tickets, map[string]any{"ticket_id": "t1", "customer_id": "c0", "opened_at": at(5, 0), "first_replied_at": at(6, 12)}),
		reply("a", at(3, 23), about("o1")), // The promise is not broken yet.
		reply("b", at(4, 1), about("o1")),  // It is, and the parcel missing.
		reply("c", at(6, 1), about("o1")),  // For the third day.
		reply("d", at(20, 0), about("o1")), // It came on the fourth day.
		reply("e", at(8, 0), about("o2")),  // As was believed then.
		reply("f", at(10, 0), about("o2")), // As was known better then.
		reply("g", at(9, 0), map[string]any{"ticket_id": "t1"}),
		reply("h", at(12, 0), nil), // About no order: all of the last days.
	)
	answers, err := w.Answers(t.Context(), model.AnswersQuery{
		AsOf: at(25, 0), PainPoints: []string{"slow_first_reply", "late_delivery", "unresolved_ticket"}, WindowDays: 5,
	})
	if err != nil {
		t.Fatal(err)
	}
	none := math.NaN()
	answer := func(when time.Time, weight float64, incidents, severity, latest []float64) model.Answer {
		return model.Answer{
			Customer: "c0", At: when, Kind: "nps", Score: 3, Weight: weight,
			Incidents: incidents, Severity: severity, Latest: latest,
		}
	}
	silent := []float64{none, none, none}
	hour := 1.0 / 24
	want := []model.Answer{
		answer(at(3, 23), 4, []float64{0, 0, 0}, []float64{0, 0, 0}, silent),
		answer(at(4, 1), 4, []float64{0, 1, 0}, []float64{0, 1, 0}, []float64{none, hour, none}),
		answer(at(6, 1), 4, []float64{0, 1, 0}, []float64{0, 3, 0}, []float64{none, 2 + hour, none}),
		answer(at(8, 0), 1, []float64{0, 1, 0}, []float64{0, 3, 0}, []float64{none, 4, none}),
		answer(at(9, 0), 1, []float64{1, 0, 1}, []float64{13, 0, 2}, []float64{3, none, 1}),
		answer(at(10, 0), 1, []float64{0, 0, 0}, []float64{0, 0, 0}, silent),
		answer(at(12, 0), 1, []float64{0, 0, 1}, []float64{0, 0, 5}, []float64{none, none, 4}),
		answer(at(20, 0), 4, []float64{0, 1, 0}, []float64{0, 4, 0}, []float64{none, 16, none}),
	}
	if diff := cmp.Diff(want, answers, nearly()); diff != "" {
		t.Error(diff)
	}
	since, err := w.Answers(t.Context(), model.AnswersQuery{
		AsOf: at(25, 0), PainPoints: []string{"slow_first_reply", "late_delivery", "unresolved_ticket"}, WindowDays: 5, Since: at(6, 12),
	})
	if err != nil {
		t.Fatal(err)
	}
	for i := range want {
		want[i] = answer(want[i].At, want[i].Weight, []float64{0, 0, 0}, []float64{0, 0, 0}, silent)
	}
	want[4] = answer(at(9, 0), 1, []float64{0, 0, 1}, []float64{0, 0, 2}, []float64{none, none, 1})
	want[6] = answer(at(12, 0), 1, []float64{0, 0, 1}, []float64{0, 0, 5}, []float64{none, none, 4})
	if diff := cmp.Diff(want, since, nearly()); diff != "" {
		t.Errorf("incidents since %s alone:\n%s", at(6, 12), diff)
	}
	few, err := w.Answers(t.Context(), model.AnswersQuery{AsOf: at(25, 0), MaxRows: 7, WindowDays: 5})
	if err != nil || len(few) != 0 {
		t.Errorf("a customer with 8 answers fits into 7: %d, %v", len(few), err)
	}
}

// nearly compares numbers to a billionth, NaN equal to itself.
func nearly() cmp.Option {
	return cmp.Comparer(func(a, b float64) bool {
		return math.IsNaN(a) && math.IsNaN(b) || math.Abs(a-b) <= 1e-9*math.Max(1, math.Abs(a))
	})
}

func evidenceIsRight(t *testing.T, e FactEngine) {
	t.Helper()
	facts := []Fact{
		parcel("o1", map[string]any{"delivered_at": at(6, 1)}), parcel("o2", nil), parcel("o3", map[string]any{"delivered_at": at(2, 1)}),
	}
	for i := range facts {
		facts[i].Line = int64(i + 1)
	}
	w := e.with(t, facts...)
	late, _ := model.FeatureOf(model.Inactivity, "late_delivery_90d")
	both, err := w.Evidence(t.Context(), "c0", at(10, 0), []model.Feature{late, {Name: "nothing"}}, 5)
	if err != nil || len(both) != 2 || len(both[1]) != 0 {
		t.Fatalf("want the evidence of two features, the second without any: %v, %v", both, err)
	}
	got := both[0]
	incident := func(order string, delivered *time.Time, days float64, line int64) model.Evidence {
		promised := at(3, 0)
		return model.Evidence{
			What: "late_delivery", At: at(4, 0), OrderID: &order, Promised: &promised, Delivered: delivered, Value: &days, Line: line,
		}
	}
	came := at(6, 1)
	want := []model.Evidence{incident("o1", &came, 3, 1), incident("o2", nil, 7, 2)}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	recency, _ := model.FeatureOf(model.Inactivity, "recency_days")
	for _, c := range []struct {
		day, limit, want int
	}{{10, 2, 2}, {10, 5, 3}, {1, 2, 0}} {
		got, err := w.Evidence(t.Context(), "c0", at(c.day, 0), []model.Feature{recency}, c.limit)
		if err != nil || len(got[0]) != c.want {
			t.Errorf("before day %d, at most %d: want %d orders, got %v, %v", c.day, c.limit, c.want, got, err)
		}
	}
}

// everyFamilyHasEvidence gives one customer a fact for every source.
func everyFamilyHasEvidence(t *testing.T, e FactEngine) {
	t.Helper()
	w := e.with(t,
		parcel("o1", map[string]any{"delivered_at": at(6, 1), "returned_at": at(8, 0)}),
		parcel("o0", map[string]any{"ordered_at": at(1, 9).Add(-70 * model.Day)}),
		reply("a", at(7, 0), nil),
		row(model.Customers, map[string]any{"customer_id": "c0", "region": "north"}),
		row(model.Tickets, map[string]any{"ticket_id": "t1", "customer_id": "c0", "opened_at": at(5, 0)}),
		row(model.Events, map[string]any{"event_id": "e1", "customer_id": "c0", "occurred_at": at(6, 0), "name": "visit"}),
		row(model.Events, map[string]any{"event_id": "e2", "customer_id": "c0", "occurred_at": at(6, 0), "name": "search"}),
		row(model.Contracts, map[string]any{"contract_id": "k1", "customer_id": "c0", "started_at": at(1, 0)}),
	)
	for name, want := range map[string][]string{
		"recency_days": {"order", "order"}, "recency_to_gap": {"order", "order"}, "spend_90d": {"order", "order"},
		"skus_365d": {"order", "order"}, "orders_change_60d": {"order", "order"}, "order_drift": {"order", "order"},
		"satisfaction_index": {"nps"}, "satisfaction_change": {"nps"}, "satisfaction_drift": {"nps"},
		"late_delivery_90d": {"late_delivery", "late_delivery"}, "return_share_365d": {"returned", "order", "order"},
		"open_tickets": {"open ticket"}, "visits_30d": {"visit"}, "region": {"profile"}, "contract_price": {"contract"},
	} {
		f, ok := model.FeatureOf(model.Cancellation, name)
		if !ok {
			t.Fatalf("%s is not in the catalogue", name)
		}
		got, err := w.Evidence(t.Context(), "c0", at(20, 0), []model.Feature{f}, 5)
		if err != nil {
			t.Fatal(err)
		}
		what := make([]string, 0, len(got[0]))
		for _, fact := range got[0] {
			what = append(what, fact.What)
		}
		if diff := cmp.Diff(want, what); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func historyIsRight(t *testing.T, e FactEngine) {
	t.Helper()
	w := e.with(t, parcel("o1", nil), parcel("o2", map[string]any{"ordered_at": at(5, 7)}), reply("a", at(6, 0), nil))
	day, err := w.Watermark(t.Context())
	if err != nil || !day.Equal(at(5, 0)) {
		t.Errorf("watermark: want the start of the newest order's day, got %s, %v", day, err)
	}
	h, err := w.History(t.Context(), at(6, 0))
	if err != nil {
		t.Fatal(err)
	}
	want := model.KindHistory{Kind: model.Orders, Rows: 2, Customers: 1, First: at(1, 9), Last: at(5, 7)}
	if diff := cmp.Diff(want, h.Of(model.Orders)); diff != "" {
		t.Error(diff)
	}
	if got := h.Of(model.Responses); got.Rows != 0 {
		t.Errorf("an answer at the instant is known: %v", got)
	}
	found, err := w.Detectors(t.Context(), at(10, 0))
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range found {
		if want := map[string]int64{"late_delivery": 2}[d.Name]; d.Incidents != want {
			t.Errorf("%s: want %d incidents, got %d", d.Name, want, d.Incidents)
		}
	}
	for who, want := range map[string]bool{"c0": true, "c1": false} {
		if known, err := w.Known(t.Context(), who, at(10, 0)); err != nil || known != want {
			t.Errorf("%s known: want %v, got %v, %v", who, want, known, err)
		}
	}
}

func emptyWarehouse(t *testing.T, e FactEngine) {
	t.Helper()
	w := e.open(t)
	if _, err := w.Watermark(t.Context()); model.KindOf(err) != model.KindNoData {
		t.Errorf("watermark: want no data, got %v", err)
	}
	for _, kind := range []model.DefinitionKind{model.Inactivity, model.Cancellation} {
		p, err := w.Panel(t.Context(), model.PanelQuery{
			AsOf: at(1, 0), Definition: model.Definition{Kind: kind, Horizon: 90 * model.Day}, Features: model.Catalogue(kind), Labels: true,
		})
		if err != nil || p.Rows() != 0 || p.Churned == nil {
			t.Errorf("%s: want an empty panel, got %v, %v", kind, p, err)
		}
	}
	if answers, err := w.Answers(t.Context(), model.AnswersQuery{AsOf: at(1, 0)}); err != nil || len(answers) != 0 {
		t.Errorf("want no answers, got %v, %v", answers, err)
	}
}

// sampleIsStable draws samples at two cutoffs.
func sampleIsStable(t *testing.T, e FactEngine) {
	t.Helper()
	facts := make([]Fact, 0, 40)
	for i := range 40 {
		facts = append(facts, row(model.Orders, map[string]any{
			"order_id": customerID(i), "customer_id": customerID(i), "ordered_at": at(1, 9), "amount": 1.0,
		}))
	}
	w := e.with(t, facts...)
	sample := func(day int, seed uint64) []string {
		p, err := w.Panel(t.Context(), model.PanelQuery{
			AsOf: at(day, 0), Definition: model.Definition{Kind: model.Inactivity}, MaxRows: 10, Seed: seed,
		})
		if err != nil {
			t.Fatal(err)
		}
		if p.Eligible != 40 || p.Rows() != 10 {
			t.Errorf("want 10 of 40, got %d of %d", p.Rows(), p.Eligible)
		}
		return p.Customers
	}
	first := sample(5, 1)
	if diff := cmp.Diff(first, sample(20, 1)); diff != "" {
		t.Errorf("another cutoff, another sample:\n%s", diff)
	}
	if cmp.Equal(first, sample(5, 2)) {
		t.Error("another seed, the same sample")
	}
}

// contractsChurn has one customer of each fate.
func contractsChurn(t *testing.T, e FactEngine) {
	t.Helper()
	contract := func(id, customer string, more map[string]any) Fact {
		values := map[string]any{
			"contract_id": id, "customer_id": customer, "started_at": at(1, 0), "renews_at": at(31, 0), "term": "monthly", "price": 30.0,
		}
		maps.Copy(values, more)
		return row(model.Contracts, values)
	}
	gone := map[string]any{"cancelled_at": at(20, 0)}
	w := e.with(
		t,
		contract("k1", "stays", nil),
		contract("k2", "goes", gone),
		contract("k3", "half", gone), contract("k4", "half", nil),
		contract("k5", "ends", map[string]any{"ends_at": at(15, 0)}),
		contract("k6", "went", map[string]any{"cancelled_at": at(5, 0)}),
		contract("k7", "later", map[string]any{"cancelled_at": at(30, 0)}),
	)
	renewal, _ := model.FeatureOf(model.Cancellation, "days_to_renewal")
	count, _ := model.FeatureOf(model.Cancellation, "running_contracts")
	p, err := w.Panel(t.Context(), model.PanelQuery{
		AsOf: at(10, 0), Definition: model.Definition{Kind: model.Cancellation, Horizon: 15 * model.Day},
		Features: []model.Feature{renewal, count}, Labels: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	want := &model.Panel{
		AsOf: at(10, 0), Features: []model.Feature{renewal, count}, Customers: []string{"ends", "goes", "half", "later", "stays"},
		Numbers: [][]float64{{21, 21, 21, 21, 21}, {1, 1, 2, 1, 1}}, Levels: [][]string{nil, nil},
		Churned: []bool{true, true, false, false, false}, Eligible: 5,
	}
	if diff := cmp.Diff(want, p); diff != "" {
		t.Error(diff)
	}
}
