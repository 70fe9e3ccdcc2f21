package warehousetest

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/churnwatch/churnwatch/model"
)

// unit is a customer of an experiment from an instant on.
type unit struct {
	experiment, variant, customer string
	at                            time.Time
}

// experimentsAreRight holds what became of the customers of experiments against
// a plain reading of the facts, and against another future.
func experimentsAreRight(t *testing.T, e FactEngine) {
	t.Helper()
	w := e.open(t)
	units := assign(t, w)
	found := 0
	e.check(t, func(r *rapid.T) {
		asOf := cutoff(r)
		facts := shop(r, asOf)
		q := model.ExperimentQuery{
			AsOf: asOf, Definition: drawDefinition(r), Randomised: []string{"holdout", "cap"},
			Response: 14 * model.Day, Conversion: 20 * model.Day, Repeat: 30 * model.Day, Cap: rapid.SampledFrom([]float64{0.5, 0.99}).Draw(r, "cap"),
		}
		e.replace(t.Context(), r, w, facts)
		got, err := w.ExperimentCells(t.Context(), q)
		if err != nil {
			r.Fatal(err)
		}
		want := plainCells(facts, units, q)
		for _, c := range want.Cells {
			for _, o := range c.Outcomes {
				found += o.Found
			}
		}
		if diff := gocmp.Diff(want, got); diff != "" {
			r.Fatalf("cells (-plain +engine):\n%s", diff)
		}
		e.replace(t.Context(), r, w, anotherFuture(r, facts, asOf))
		if got, err = w.ExperimentCells(t.Context(), q); err != nil {
			r.Fatal(err)
		}
		if diff := gocmp.Diff(want, got); diff != "" {
			r.Fatalf("as of %s the future shows (-before +after):\n%s", asOf, diff)
		}
	})
	if found == 0 && e.many() {
		t.Error("nothing became of anybody in any shop")
	}
}

// assign puts customers into both arms of the holdout, and every other one of
// those treated into the variants of a tone, on different days.
func assign(t *testing.T, w FactWarehouse) (out []unit) {
	t.Helper()
	end := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	run := model.RetentionRun{
		From: end.Add(-200 * model.Day), To: end, Since: end.Add(-200 * model.Day), RanAt: end, Playbooks: "p",
		Holdout: model.Holdout{Salt: "s", Share: 0.5}, Experiments: []model.ExperimentDesign{tone("one")},
	}
	triggers, lives := make([]model.Trigger, 0, 8), make([]model.TriggerLife, 0, 16)
	for i := range 8 {
		at := end.Add(-time.Duration(120-15*i) * model.Day)
		given := trigger(fmt.Sprint("t", i), customerID(i%shopCustomers))
		given.Segment = model.Detractor
		life := model.TriggerLife{TriggerID: given.ID, Status: model.TriggerSuppressed, Code: "cap", At: at}
		u := unit{model.HoldoutExperiment, model.Treated, given.CustomerID, at}
		switch i % 3 {
		case 0:
			given.Holdout, life.Code, u.variant = true, "holdout", model.HeldOut
		case 1:
			given.Experiment = &model.TriggerExperiment{Name: "tone", Variant: []string{"calm", "bold"}[i/3%2]}
		}
		triggers = append(triggers, given)
		lives = append(lives, model.TriggerLife{TriggerID: given.ID, Status: model.TriggerScheduled, At: at.Add(-time.Hour)}, life)
		if i < 6 { // The others come again.
			out = append(out, u)
			if i%3 == 1 {
				out = append(out, unit{"tone", given.Experiment.Variant, given.CustomerID, at.Add(-time.Hour)})
			}
		} else if i%3 == 1 && !slices.ContainsFunc(out, func(u unit) bool { return u.experiment == "tone" && u.customer == given.CustomerID }) {
			out = append(out, unit{"tone", given.Experiment.Variant, given.CustomerID, at.Add(-time.Hour)})
		}
	}
	if err := w.SaveRetention(t.Context(), run, triggers, lives); err != nil {
		t.Fatal(err)
	}
	return out
}

// plainCells reads cells by loops.
func plainCells(facts []Fact, units []unit, q model.ExperimentQuery) model.ExperimentCells {
	out := model.ExperimentCells{End: q.AsOf, Cells: []model.ExperimentCell{}}
	var newest time.Time
	for _, o := range known(facts, model.Orders, q.AsOf) {
		if at := orderedAt(o); at.After(newest) {
			newest = at
		}
	}
	if !newest.IsZero() {
		out.End = newest.Truncate(model.Day)
	}
	cents := make([]float64, len(units))
	most := map[string]float64{}
	for _, name := range []string{model.HoldoutExperiment, "tone"} {
		var spent []float64
		for i, u := range units {
			if u.experiment == name {
				cents[i] = plainCents(facts, u, q)
				if cents[i] > 0 && !u.at.Add(q.Definition.Horizon).After(out.End) {
					spent = append(spent, cents[i])
				}
			}
		}
		if slices.Sort(spent); len(spent) > 0 {
			most[name] = spent[max(0, int(math.Ceil(q.Cap*float64(len(spent))))-1)]
		}
	}
	for i, u := range units {
		at := slices.IndexFunc(out.Cells, func(c model.ExperimentCell) bool { return c.Experiment == u.experiment && c.Variant == u.variant })
		if at < 0 {
			at = len(out.Cells)
			out.Cells = append(out.Cells, model.ExperimentCell{
				Experiment: u.experiment, Variant: u.variant, Playbook: "late_delivery", Segment: "detractor", First: u.at,
				Outcomes: map[model.ExperimentMeasure]model.ExperimentOutcome{},
			})
		}
		c := &out.Cells[at]
		if c.Assigned++; u.at.Before(c.First) {
			c.First = u.at
		}
		if !u.at.Add(q.Definition.Horizon).After(out.End) {
			c.Messages = c.Messages.Add(plainMessages(facts, u, q))
		}
		for _, m := range model.ExperimentMeasures() {
			o := c.Outcomes[m]
			closed, holds := plainOutcome(facts, u, m, q, out.End)
			if m == model.MeasureRevenue {
				closed, holds = !u.at.Add(q.Definition.Horizon).After(out.End), cents[i] > 0
			}
			if closed {
				o.Customers++
				if holds {
					o.Found++
				}
				if m == model.MeasureRevenue {
					cut := math.Min(cents[i], most[u.experiment])
					o.Raw, o.Sum, o.Squares = o.Raw+cents[i], o.Sum+cut, o.Squares+cut*cut
				}
			}
			if m == model.MeasureRetention && !closed && !u.at.Add(q.Definition.Horizon).After(out.End) {
				o.Without++
			}
			c.Outcomes[m] = o
		}
	}
	for _, c := range out.Cells {
		o := c.Outcomes[model.MeasureRevenue]
		o.Raw, o.Sum, o.Squares, o.CutAt = o.Raw/100, o.Sum/100, o.Squares/10000, most[c.Experiment]/100
		c.Outcomes[model.MeasureRevenue] = o
	}
	slices.SortFunc(out.Cells, func(a, b model.ExperimentCell) int {
		return cmp.Or(cmp.Compare(a.Experiment, b.Experiment), cmp.Compare(a.Variant, b.Variant))
	})
	return out
}

// plainMessages are those that a customer got in the horizon.
func plainMessages(facts []Fact, u unit, q model.ExperimentQuery) model.ExperimentMessages {
	out := model.ExperimentMessages{Customers: 1}
	for _, o := range known(facts, model.Outreach, q.AsOf) {
		at, _ := o.instant("sent_at")
		kind := o.text("kind")
		if o.text("customer_id") != u.customer || kind != "retention" && kind != "marketing" || at.Before(u.at) || !at.Before(u.at.Add(q.Definition.Horizon)) {
			continue
		}
		out.Sent++
		if cost, told := o.Values["cost"].(float64); told {
			out.Costed, out.Cost = out.Costed+1, out.Cost+cost
		}
	}
	return out
}

// plainCents is what a customer spent in the horizon, in whole cents.
func plainCents(facts []Fact, u unit, q model.ExperimentQuery) (sum float64) {
	for _, o := range plainOrders(facts, u.customer, q.AsOf) {
		if at := orderedAt(o); at.After(u.at) && at.Before(u.at.Add(q.Definition.Horizon)) {
			refunded := 0.0
			returned, ok := o.instant("returned_at")
			if ok && returned.Before(q.AsOf) || !ok && o.SettledAt.Before(q.AsOf) {
				refunded = o.number("refunded_amount")
			}
			sum += math.Round((o.number("amount") - refunded) * 100)
		}
	}
	return sum
}

// plainOutcome reports whether a window is over and what became of the customer.
func plainOutcome(facts []Fact, u unit, m model.ExperimentMeasure, q model.ExperimentQuery, end time.Time) (closed, holds bool) {
	window := map[model.ExperimentMeasure]time.Duration{
		model.MeasureResponse: q.Response, model.MeasureConversion: q.Conversion, model.MeasureRepeat: q.Repeat, model.MeasureRetention: q.Definition.Horizon,
	}[m]
	in := func(at time.Time, ok bool) bool { return ok && at.After(u.at) && at.Before(u.at.Add(window)) }
	closed = !u.at.Add(window).After(end)
	reported := func(column string) bool {
		return u.experiment != model.HoldoutExperiment && slices.ContainsFunc(known(facts, model.Outreach, q.AsOf), func(o Fact) bool {
			return o.text("customer_id") == u.customer && in(o.seen(column, q.AsOf))
		})
	}
	ordered := slices.ContainsFunc(plainOrders(facts, u.customer, q.AsOf), func(o Fact) bool { return in(o.instant("ordered_at")) })
	switch {
	case m == model.MeasureResponse:
		return closed, reported("replied_at") || slices.ContainsFunc(known(facts, model.Responses, q.AsOf), func(f Fact) bool {
			return f.text("customer_id") == u.customer && f.text("kind") != "sentiment" && in(f.instant("answered_at"))
		})
	case m == model.MeasureConversion:
		return closed, ordered || reported("converted_at")
	case m == model.MeasureRetention && q.Definition.Kind == model.Cancellation:
		running, left := 0, 0
		for _, c := range known(facts, model.Contracts, q.AsOf) {
			if started, _ := c.instant("started_at"); c.text("customer_id") != u.customer || started.After(u.at) {
				continue
			}
			over := time.Time{}
			for _, column := range []string{"cancelled_at", "ends_at"} {
				if at, ok := c.seen(column, q.AsOf); ok && (over.IsZero() || at.Before(over)) {
					over = at
				}
			}
			if over.IsZero() || over.After(u.at) {
				running++
				if in(over, !over.IsZero()) {
					left++
				}
			}
		}
		return closed && running > 0, left < running
	}
	return closed, ordered
}
