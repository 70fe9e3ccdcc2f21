package warehousetest

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/churnwatch/churnwatch/model"
)

const (
	hour = 3600
	day  = 24 * hour
)

// twin is a pain point by a rule that says what one of the program's says.
type twin struct {
	builtin string
	own     model.PainPoint
}

// twins are rules over several kinds of facts, with and without a severity.
func twins() []twin {
	return []twin{
		{"slow_first_reply", model.PainPoint{Name: "own_reply", WindowDays: 90, Rule: model.IncidentRule{
			Of: model.Tickets, From: "opened_at", To: "answered_at", SpanSeconds: day, SeverityStep: hour, SeverityCeiling: 168,
		}}},
		{"unresolved_ticket", model.PainPoint{Name: "own_open", WindowDays: 90, Rule: model.IncidentRule{
			Of: model.Tickets, From: "opened_at", To: "resolved_at", SpanSeconds: 3 * day, SeverityStep: day, SeverityCeiling: 60,
		}}},
		{"misfit", model.PainPoint{Name: "own_misfit", WindowDays: 90, Rule: model.IncidentRule{
			Of: model.Orders, From: "returned_at", Where: []model.IncidentCondition{{Column: "return_reason", Op: "is", Texts: []string{
				"misfit", "wrong_size", "size", "fit", "does_not_fit", "too_small", "too_large", "not_as_expected",
				"not_as_described", "damaged", "defective", "wrong_item",
			}}},
		}}},
	}
}

// journeyMoments hold a rule of every form that is about what a customer comes to.
func journeyMoments() []model.PainPoint {
	counts := []model.IncidentCondition{{Op: "counts"}}
	return []model.PainPoint{
		{Name: "own_second", WindowDays: 90, Rule: model.IncidentRule{Of: model.Orders, From: "ordered_at", Where: counts, Nth: 2}},
		{Name: "own_arrival", WindowDays: 90, Rule: model.IncidentRule{Of: model.Orders, From: "delivered_at", Where: counts, Nth: 1}},
		{Name: "own_ticket", WindowDays: 90, Rule: model.IncidentRule{Of: model.Tickets, From: "opened_at", Nth: 1}},
		{Name: "own_trial", WindowDays: 90, Rule: model.IncidentRule{Of: model.Customers, From: "trial_ends_at"}},
		{Name: "own_renewal", WindowDays: 90, Rule: model.IncidentRule{Of: model.Contracts, From: "renews_at"}},
		{Name: "own_low", WindowDays: 90, Rule: model.IncidentRule{Of: model.Responses, From: "answered_at", Where: []model.IncidentCondition{{Op: "low"}}}},
	}
}

// ownPainPoints holds a rule of every form.
func ownPainPoints() []model.PainPoint {
	twinned := make([]model.PainPoint, len(twins()))
	for i, t := range twins() {
		twinned[i] = t.own
	}
	return slices.Concat(twinned, journeyMoments(), []model.PainPoint{
		{Name: "own_unpaid", WindowDays: 90, Rule: model.IncidentRule{
			Of: model.Orders, From: "ordered_at", Where: []model.IncidentCondition{{Column: "status", Op: "is_not", Texts: []string{"Delivered"}}},
		}},
		{Name: "own_way", WindowDays: 60, Rule: model.IncidentRule{
			Of: model.Orders, From: "ordered_at", To: "delivered_at", SpanSeconds: 5 * day, SeverityStep: day, SeverityCeiling: 30,
			Where: []model.IncidentCondition{{Column: "amount", Op: "above", Number: 5}},
		}},
		{Name: "own_refund", WindowDays: 90, Rule: model.IncidentRule{
			Of: model.Orders, From: "ordered_at", Where: []model.IncidentCondition{{Column: "refunded_amount", Op: "above"}},
		}},
		{Name: "own_mood", WindowDays: 90, Rule: model.IncidentRule{
			Of: model.Tickets, From: "opened_at", Where: []model.IncidentCondition{{Column: "sentiment", Op: "below"}},
		}},
		{Name: "own_tag", WindowDays: 90, Rule: model.IncidentRule{
			Of: model.Tickets, From: "opened_at", Where: []model.IncidentCondition{{Column: "tags", Op: "tagged", Texts: []string{"billing", "it's"}}},
		}},
		{Name: "own_event", WindowDays: 90, Rule: model.IncidentRule{
			Of: model.Events, From: "occurred_at", Where: []model.IncidentCondition{{Column: "name", Op: "is", Texts: []string{"visit", "cart_abandon"}}},
		}},
		{Name: "own_answer", WindowDays: 90, Rule: model.IncidentRule{
			Of: model.Responses, From: "answered_at", Where: []model.IncidentCondition{{Column: "points", Op: "below", Number: 50}},
		}},
		{Name: "own_silence", WindowDays: 90, Rule: model.IncidentRule{
			Of: model.Outreach, From: "sent_at", To: "replied_at", SpanSeconds: 2 * day,
		}},
	})
}

// ownRulesFindTheSame holds rules against the program's own pain points, in
// features and behind answers.
func ownRulesFindTheSame(t *testing.T, e FactEngine) {
	t.Helper()
	w := e.open(t)
	all := twins()
	names := make([]string, 0, 2*len(all))
	features := make([]model.Feature, 0, 2*len(all))
	own := make([]model.PainPoint, 0, len(all))
	for _, pair := range all {
		names = append(names, pair.builtin, pair.own.Name)
		own = append(own, pair.own)
		f := pair.own.Feature()
		f.Incident, f.Name, f.Only = nil, pair.builtin, pair.builtin
		features = append(features, f, pair.own.Feature())
	}
	e.check(t, func(r *rapid.T) {
		asOf := cutoff(r)
		e.replace(t.Context(), r, w, shop(r, asOf))
		p, err := w.Panel(t.Context(), model.PanelQuery{AsOf: asOf, Definition: drawDefinition(r), Features: features})
		if err != nil {
			r.Fatal(err)
		}
		answers, err := w.Answers(t.Context(), model.AnswersQuery{AsOf: asOf, PainPoints: names, Own: own, WindowDays: 90})
		if err != nil {
			r.Fatal(err)
		}
		found, err := w.Detectors(t.Context(), asOf, own...)
		if err != nil {
			r.Fatal(err)
		}
		hotspots, err := w.HotspotCounts(t.Context(), model.HotspotQuery{AsOf: asOf, From: asOf.Add(-90 * model.Day), Least: 1, Own: own})
		if err != nil {
			r.Fatal(err)
		}
		for k := 0; k < len(names); k += 2 {
			if diff := cmp.Diff(countsOf(hotspots, names[k]), countsOf(hotspots, names[k+1]), sameBits()); diff != "" {
				r.Fatalf("%s and a rule for it differ in hotspots:\n%s", names[k], diff)
			}
			if diff := cmp.Diff(p.Numbers[k], p.Numbers[k+1], sameBits()); diff != "" {
				r.Fatalf("%s and a rule for it count differently:\n%s", names[k], diff)
			}
			for _, a := range answers {
				want, got := [3]float64{a.Incidents[k], a.Severity[k], a.Latest[k]}, [3]float64{a.Incidents[k+1], a.Severity[k+1], a.Latest[k+1]}
				if diff := cmp.Diff(want, got, sameBits()); diff != "" {
					r.Fatalf("%s and a rule for it lie differently behind an answer at %s:\n%s", names[k], a.At, diff)
				}
			}
			want, got := detectorOf(found, names[k]), detectorOf(found, names[k+1])
			if want.Incidents != got.Incidents || want.Customers != got.Customers {
				r.Fatalf("%s finds %d incidents, a rule for it %d", names[k], want.Incidents, got.Incidents)
			}
		}
	})
}

// countsOf returns the counts of a pain point without its name.
func countsOf(all []model.HotspotCounts, name string) model.HotspotCounts {
	i := slices.IndexFunc(all, func(c model.HotspotCounts) bool { return c.PainPoint == name })
	if i < 0 {
		return model.HotspotCounts{}
	}
	out := all[i]
	out.PainPoint = ""
	return out
}

func detectorOf(all []model.Detector, name string) model.Detector {
	i := slices.IndexFunc(all, func(d model.Detector) bool { return d.Name == name })
	if i < 0 {
		return model.Detector{}
	}
	return all[i]
}

// rulesOfUnknownColumnsAreRefused tries what is not on the closed list.
func rulesOfUnknownColumnsAreRefused(t *testing.T, e FactEngine) {
	t.Helper()
	w := e.open(t)
	for name, rule := range map[string]model.IncidentRule{
		"a kind without incidents": {Of: model.OrderItems, From: "known_at"},
		"a low order":              {Of: model.Orders, From: "ordered_at", Where: []model.IncidentCondition{{Op: "low"}}},
		"a negative place":         {Of: model.Orders, From: "ordered_at", Nth: -1},
		"a place among what is known later": {Of: model.Orders, From: "ordered_at", Nth: 1, Where: []model.IncidentCondition{
			{Column: "status", Op: "is", Texts: []string{"paid"}},
		}},
		"a date that is none": {Of: model.Orders, From: "amount"},
		"no date":             {Of: model.Orders},
		"a column that is not there": {Of: model.Orders, From: "ordered_at", Where: []model.IncidentCondition{
			{Column: "customer_id", Op: "is", Texts: []string{"c0"}},
		}},
		"a number compared as a text": {Of: model.Orders, From: "ordered_at", Where: []model.IncidentCondition{
			{Column: "amount", Op: "is", Texts: []string{"5"}},
		}},
		"an operator that is none": {Of: model.Orders, From: "ordered_at", Where: []model.IncidentCondition{
			{Column: "status", Op: "like", Texts: []string{"%"}},
		}},
		"a severity without a span": {Of: model.Orders, From: "ordered_at", SeverityStep: day},
	} {
		_, err := w.Detectors(t.Context(), at(1, 0), model.PainPoint{Name: "own", Rule: rule})
		wantKind(t, name, err, model.KindInvalid)
	}
}
