package warehousetest

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/churnwatch/churnwatch/model"
)

// departuresAreRight holds who left his contracts against a plain reading of
// the facts.
func departuresAreRight(t *testing.T, e FactEngine) {
	t.Helper()
	w, left := e.open(t), 0
	e.check(t, func(r *rapid.T) {
		asOf := cutoff(r)
		facts := shop(r, asOf)
		for i := range rapid.IntRange(1, 6).Draw(r, "contracts that end") {
			facts = append(facts, drawEnded(r, asOf, i))
		}
		e.replace(t.Context(), r, w, facts)
		got, err := w.Departures(t.Context(), asOf)
		if err != nil {
			r.Fatal(err)
		}
		want := plainDepartures(facts, asOf)
		left += len(want)
		if diff := cmp.Diff(want, got); diff != "" {
			r.Fatalf("departures (-plain +engine):\n%s", diff)
		}
	})
	if left == 0 && e.many() {
		t.Error("nobody left in any shop")
	}
}

// drawEnded draws a contract with a notice, an end or both, about an instant, of
// a customer who may have others or of one who has none.
func drawEnded(r *rapid.T, asOf time.Time, number int) Fact {
	about := func(name string) time.Time {
		return asOf.Add(time.Duration(rapid.IntRange(-60, 5).Draw(r, name)) * model.Day)
	}
	values := map[string]any{
		"contract_id": "ended " + string(rune('a'+number)), "customer_id": rapid.SampledFrom([]string{"c0", "ends", "leaves"}).Draw(r, "customer"),
		"started_at": asOf.Add(-90 * model.Day),
	}
	how := rapid.SampledFrom([]string{"cancelled_at", "ends_at", "cancelled_at ends_at"}).Draw(r, "how")
	for column := range strings.FieldsSeq(how) {
		values[column] = about(column)
	}
	return row(model.Contracts, values)
}

func plainDepartures(facts []Fact, t time.Time) []model.Departure {
	last, running := map[string]time.Time{}, map[string]bool{}
	for _, c := range known(facts, model.Contracts, t) {
		var over time.Time
		for _, column := range []string{"cancelled_at", "ends_at"} {
			if at, ok := c.instant(column); ok && at.Before(t) && (over.IsZero() || at.Before(over)) {
				over = at
			}
		}
		customer := c.text("customer_id")
		running[customer] = running[customer] || over.IsZero()
		if over.After(last[customer]) {
			last[customer] = over
		}
	}
	out := []model.Departure{}
	for customer, at := range last {
		if !running[customer] {
			out = append(out, model.Departure{Customer: customer, At: at})
		}
	}
	slices.SortFunc(out, func(a, b model.Departure) int { return strings.Compare(a.Customer, b.Customer) })
	return out
}
