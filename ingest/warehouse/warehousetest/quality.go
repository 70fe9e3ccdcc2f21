package warehousetest

import (
	"maps"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/churnwatch/churnwatch/model"
)

// customerChecks are all that can be looked for among a customer's own facts.
func customerChecks() []model.CustomerCheck {
	return []model.CustomerCheck{
		{Name: "refused", Kind: model.Orders},
		{Name: "customer_row", Kind: model.Orders},
		{Name: "order", Kind: model.Responses},
		{Name: "order", Kind: model.Tickets},
		{Name: "ticket", Kind: model.Responses},
		{Name: "repeated", Kind: model.Orders},
		{Name: "repeated", Kind: model.Responses},
		{Name: "repeated", Kind: model.Tickets},
		{Name: "repeated", Kind: model.Contracts},
		{Name: "another_id", Kind: model.Customers},
		{Name: "far_amount", Kind: model.Orders},
		{Name: "delivered_before_ordered", Kind: model.Orders},
		{Name: "promised_before_ordered", Kind: model.Orders},
		{Name: "dated_after_arrival", Kind: model.Orders},
		{Name: "known_before_it_happened", Kind: model.Orders},
		{Name: "known_before_it_happened", Kind: model.Responses},
		{Name: "known_before_it_happened", Kind: model.Tickets},
	}
}

// oddFacts are those of one customer of a kind of fault each, beside c0 and
// others without.
func oddFacts() []Fact {
	of := func(customer string, more map[string]any) map[string]any {
		values := map[string]any{"customer_id": customer, "promised_at": nil, "promise_ends_at": nil}
		maps.Copy(values, more)
		return values
	}
	early := parcel("known", of("known", nil))
	early.KnownAt = at(1, 9).Add(-2 * model.Day)
	return []Fact{
		parcel("fine", of("c0", nil)), row(model.Customers, map[string]any{"customer_id": "c0"}),
		parcel("twice 1", of("twice", nil)), parcel("twice 2", of("twice", nil)), parcel("twice 3", of("twice", nil)),
		parcel("far", of("far", map[string]any{"amount": 9e9})),
		parcel("back", of("back", map[string]any{"delivered_at": at(1, 8)})),
		parcel("promise", of("promise", map[string]any{"promised_at": at(1, 8), "promise_ends_at": at(1, 8)})),
		parcel("small", of("ann", nil)), parcel("large", of("ANN", nil)),
		early,
		reply("lost", at(5, 0), map[string]any{"order_id": "nowhere"}), reply("found", at(5, 0), map[string]any{"order_id": "fine", "score": 9.0}),
		reply("unasked", at(6, 0), map[string]any{"ticket_id": "nowhere"}), reply("again", at(5, 0), map[string]any{"order_id": "fine", "score": 9.0}),
		row(model.Tickets, map[string]any{"ticket_id": "t1", "customer_id": "c0", "opened_at": at(5, 0), "order_id": "nowhere"}),
		row(model.Tickets, map[string]any{"ticket_id": "t2", "customer_id": "c0", "opened_at": at(5, 0), "order_id": "nowhere"}),
	}
}

// scoresCarryTheirQuality scores customers with one fault each, and asks for
// all checks, then for none.
func scoresCarryTheirQuality(t *testing.T, e FactEngine) {
	t.Helper()
	w := e.with(t, oddFacts()...)
	definition := model.Definition{Kind: model.Inactivity, Horizon: 90 * model.Day, Lookback: 365 * model.Day}
	query := model.ScoringQuery{
		AsOf: at(25, 0), ScoredAt: at(25, 0), Model: 1, Definition: definition, Features: model.Catalogue(definition.Kind),
		Card:    model.Scorecard{Slope: 1, Level: 0.9, Z: 1.6448536269514722, WidestInterval: 0.5, Bands: model.Bands{Medium: 0.3, High: 0.6}},
		Quality: &model.ScoringQuality{Status: model.Green, Reasons: []string{}, Checks: customerChecks()},
	}
	want := map[string][]string{
		"c0": {
			"1 of this customer's responses name an order that is not there",
			"2 of this customer's tickets name an order that is not there",
			"1 of this customer's responses repeat another with the same instant and content",
			"1 of this customer's tickets repeat another with the same instant and content",
			"1 of this customer's responses name a ticket that is not there",
		},
		"twice":   {"2 of this customer's orders repeat another with the same instant and content"},
		"far":     {"1 of this customer's orders have an amount beyond 8 robust standard deviations of the usual"},
		"back":    {"1 of this customer's orders were delivered before they were placed"},
		"promise": {"1 of this customer's orders were promised for a time before they were placed"},
		"known":   {"1 of this customer's orders have a known_at more than a day before they happened"},
		"ann":     {"another customer's id differs from this one in upper case or blanks alone"},
		"ANN":     {"another customer's id differs from this one in upper case or blanks alone"},
	}
	for customer, found := range published(t, w, query) {
		if customer != "c0" {
			want[customer] = append(want[customer], "this customer has no row among the customers loaded")
		}
		ignoreOrder := cmp.Transformer("set", func(in []string) map[string]bool {
			out := map[string]bool{}
			for _, s := range in {
				out[s] = true
			}
			return out
		})
		if diff := cmp.Diff(want[customer], found.CustomerReasons, ignoreOrder); diff != "" {
			t.Errorf("%s (-want +got):\n%s", customer, diff)
		}
		if found.Status != model.Yellow {
			t.Errorf("%s is %s", customer, found.Status)
		}
		delete(want, customer)
	}
	if len(want) > 0 {
		t.Errorf("not scored: %v", want)
	}
	alone, err := w.ScoreCustomer(t.Context(), query, "twice")
	if err != nil || alone.DataQuality == nil || len(alone.DataQuality.CustomerReasons) != 2 {
		t.Errorf("alone: %+v, %v", alone.DataQuality, err)
	}
	later := query
	later.AsOf, later.Quality = query.AsOf.Add(model.Day), nil
	published(t, w, later)
	former, err := w.Scores(t.Context(), model.ScoreQuery{AsOf: query.AsOf, Reasons: -1})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range former {
		if s.CustomerID == "twice" && len(s.DataQuality.CustomerReasons) != 2 {
			t.Errorf("in an older snapshot: %+v", s.DataQuality)
		}
		if s.Sequence != 0 || s.ChurnProbability != nil && s.Contributions != nil {
			t.Errorf("an older snapshot says %s and %v of %s, which are the current one's", s.Sequence, s.Contributions, s.CustomerID)
		}
	}
	query.Quality = &model.ScoringQuality{Status: model.Red, Reasons: []string{"no"}}
	for customer, found := range published(t, w, query) {
		if diff := cmp.Diff(&model.DataQuality{Status: model.Red, Reasons: []string{"no"}, CustomerReasons: []string{}}, found); diff != "" {
			t.Errorf("%s without checks (-want +got):\n%s", customer, diff)
		}
	}
	query.Quality = nil
	for customer, found := range published(t, w, query) {
		if found != nil {
			t.Errorf("%s without quality: %+v", customer, found)
		}
	}
}

// published scores and publishes, and returns the data quality of each score.
func published(t *testing.T, w FactWarehouse, q model.ScoringQuery) map[string]*model.DataQuality {
	t.Helper()
	summary, err := w.Score(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Publish(t.Context(), summary.Run, at(25, 0)); err != nil {
		t.Fatal(err)
	}
	scores, err := w.Scores(t.Context(), model.ScoreQuery{})
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]*model.DataQuality{}
	for _, s := range scores {
		out[s.CustomerID] = s.DataQuality
	}
	return out
}
