package warehousetest

import (
	"context"
	"maps"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/churnwatch/churnwatch/model"
)

// counts is a card whose contributions are the features' own values.
func counts(features []model.Feature) model.Scorecard {
	card := model.Scorecard{Slope: 1, Level: 0.9, Z: 1.6449, WidestInterval: 1, Bands: model.Bands{Medium: 0.3, High: 0.6}}
	for _, f := range features {
		card.Terms = append(card.Terms, model.ScorecardTerm{Feature: f.Name, Knots: []float64{0, 1000}, Values: []float64{0, 1000}})
	}
	return card
}

// valuesOf returns a customer's values of features of the catalogue, as of an
// instant and under a sight.
func valuesOf(ctx context.Context, t rapid.TB, w FactWarehouse, asOf time.Time, sight *model.Sight, names ...string) []float64 {
	t.Helper()
	features := make([]model.Feature, len(names))
	for i, name := range names {
		features[i], _ = model.FeatureOf(model.Inactivity, name)
	}
	return valuesIn(ctx, t, w, asOf, sight, features)
}

func valuesIn(ctx context.Context, t rapid.TB, w FactWarehouse, asOf time.Time, sight *model.Sight, features []model.Feature) []float64 {
	t.Helper()
	score, err := w.ScoreCustomer(ctx, model.ScoringQuery{
		AsOf: asOf, ScoredAt: asOf, Model: 1, Definition: model.Definition{Kind: model.Inactivity, Horizon: 90 * model.Day, Lookback: 365 * model.Day},
		Features: features, Card: counts(features), Regardless: true, Sight: sight,
	}, "c0")
	if err != nil {
		t.Fatal(err)
	}
	out := make([]float64, len(features))
	for i, f := range features {
		for _, c := range score.Contributions {
			if c.Name == f.Name {
				out[i] = c.LogOdds
			}
		}
	}
	return out
}

// changesComeApart has an order that was learnt late, one whose amount was
// mended, one that is new, and a return and a late parcel as time passes.
func changesComeApart(t *testing.T, e FactEngine) {
	t.Helper()
	since, until := at(10, 0), at(25, 0)
	old := parcel("o1", map[string]any{"delivered_at": at(3, 1), "returned_at": at(15, 0)})
	missing := parcel("o2", map[string]any{"promised_at": at(11, 0), "promise_ends_at": at(12, 0)})
	mended := parcel("o2", map[string]any{"promised_at": at(11, 0), "promise_ends_at": at(12, 0), "amount": 50.0})
	mended.Revision, mended.KnownAt, mended.SettledAt = 1, at(13, 0), at(13, 0)
	late := parcel("o3", map[string]any{"delivered_at": at(3, 1)})
	late.KnownAt, late.SettledAt = at(14, 0), at(14, 0)
	fresh := parcel("o4", map[string]any{"ordered_at": at(20, 0), "promised_at": at(24, 0), "promise_ends_at": at(25, 0)})
	w := e.with(t, old, missing, mended, late, fresh)

	names := []string{"orders_90d", "spend_90d", "late_delivery_90d", "returned_90d"}
	got := [][]float64{
		valuesOf(t.Context(), t, w, since, nil, names...),
		valuesOf(t.Context(), t, w, since, &model.Sight{Since: since, Until: until, Corrected: true}, names...),
		valuesOf(t.Context(), t, w, until, &model.Sight{Since: since, Until: until}, names...),
		valuesOf(t.Context(), t, w, until, nil, names...),
	}
	want := [][]float64{
		{2, 40, 0, 0}, // as it was said
		{3, 90, 0, 0}, // with the order learnt late, and the amount mended
		{3, 90, 1, 0}, // a promise has passed
		{4, 110, 1, 1},
	}
	if diff := cmp.Diff(want, got, nearly()); diff != "" {
		t.Error(diff)
	}
	facts, corrections, err := w.Changes(t.Context(), "c0", since, until)
	if err != nil {
		t.Fatal(err)
	}
	what := func(of []model.Evidence) (out []string) {
		for _, f := range of {
			out = append(out, f.What)
		}
		return out
	}
	if diff := cmp.Diff([]string{"order", "order returned"}, what(facts)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"order changed", "order learnt late"}, what(corrections)); diff != "" {
		t.Error(diff)
	}
}

// messagesComeApart has a user's pain point on messages: one was sent before and
// answered between two instants, one was sent between them.
func messagesComeApart(t *testing.T, e FactEngine) {
	t.Helper()
	since, until := at(10, 0), at(25, 0)
	message := func(id string, sent time.Time, more map[string]any) Fact {
		values := map[string]any{"outreach_id": id, "customer_id": "c0", "sent_at": sent, "kind": "survey"}
		maps.Copy(values, more)
		return row(model.Outreach, values)
	}
	w := e.with(
		t, parcel("o1", nil), message("m1", at(5, 0), nil), message("m2", at(12, 0), nil),
		message("m3", at(9, 0), map[string]any{"replied_at": at(11, 0)}),
	)
	counted := func(name, from string) model.Feature {
		return model.PainPoint{Name: name, WindowDays: 90, Rule: model.IncidentRule{Of: model.Outreach, From: from}}.Feature()
	}
	features := []model.Feature{counted("own_sent", "sent_at"), counted("own_reply", "replied_at")}
	got := [][]float64{
		valuesIn(t.Context(), t, w, since, nil, features),
		valuesIn(t.Context(), t, w, until, &model.Sight{Since: since, Until: until}, features),
		valuesIn(t.Context(), t, w, until, nil, features),
	}
	if diff := cmp.Diff([][]float64{{2, 0}, {2, 0}, {3, 1}}, got, nearly()); diff != "" {
		t.Errorf("time passing alone sends no message and answers none:\n%s", diff)
	}
	facts, corrections, err := w.Changes(t.Context(), "c0", since, until)
	if err != nil {
		t.Fatal(err)
	}
	what := make([]string, len(facts))
	for i, f := range facts {
		what[i] = f.What
	}
	if diff := cmp.Diff([]string{"message survey", "message survey replied"}, what); diff != "" || len(corrections) > 0 {
		t.Errorf("corrections %+v, news:\n%s", corrections, diff)
	}
}

// sightsAreNeutral takes from a random shop what came after an instant.
func sightsAreNeutral(t *testing.T, e FactEngine) {
	t.Helper()
	w := e.open(t)
	names := []string{"recency_days", "orders_90d", "spend_365d", "late_delivery_90d", "satisfaction_last", "visits_30d", "open_tickets"}
	e.check(t, func(r *rapid.T) {
		since := at(10, 0)
		until := since.Add(time.Duration(rapid.IntRange(1, 60).Draw(r, "days")) * model.Day)
		facts := []Fact{parcel("first", map[string]any{"ordered_at": at(1, 0)})}
		for _, f := range shop(r, since) {
			if before(f, since) {
				facts = append(facts, f)
			}
		}
		e.replace(t.Context(), r, w, facts)
		for _, c := range []struct {
			asOf      time.Time
			corrected bool
		}{{since, true}, {until, false}} {
			plain := valuesOf(t.Context(), r, w, c.asOf, nil, names...)
			seen := valuesOf(t.Context(), r, w, c.asOf, &model.Sight{Since: since, Until: until, Corrected: c.corrected}, names...)
			if diff := cmp.Diff(plain, seen, sameBits()); diff != "" {
				r.Errorf("corrected %v (-plain +seen):\n%s", c.corrected, diff)
			}
		}
	})
}

// before reports whether all of a fact had come to be known before an instant.
func before(f Fact, t time.Time) bool {
	if !f.KnownAt.Before(t) || !f.SettledAt.Before(t) {
		return false
	}
	for _, v := range f.Values {
		if dated, ok := v.(time.Time); ok && !dated.Before(t) {
			return false
		}
	}
	return true
}
