package warehousetest

import (
	"fmt"
	"maps"
	"strconv"
	"time"

	"pgregory.net/rapid"

	"github.com/churnwatch/churnwatch/model"
)

// A random shop: a handful of customers with everything that can happen to
// them, before and after an instant, and with instants on its very edge.

const shopCustomers = 6

// shop draws the facts of a shop around t.
func shop(r *rapid.T, t time.Time) []Fact {
	var facts []Fact
	for i := range shopCustomers {
		facts = append(facts, customer(r, t, i))
	}
	for i := range rapid.IntRange(0, 4).Draw(r, "contracts") {
		facts = append(facts, contract(r, t, i))
	}
	orders := rapid.IntRange(3, 25).Draw(r, "orders")
	for i := range orders {
		facts = append(facts, order(r, t, i))
		facts = append(facts, items(r, facts[len(facts)-1])...)
	}
	for i := range rapid.IntRange(0, 8).Draw(r, "tickets") {
		facts = append(facts, ticket(r, t, i, orders))
	}
	for i := range rapid.IntRange(0, 12).Draw(r, "responses") {
		facts = append(facts, response(r, t, i, orders))
	}
	for i := range rapid.IntRange(0, 12).Draw(r, "events") {
		facts = append(facts, event(r, t, i))
	}
	for i := range rapid.IntRange(0, 8).Draw(r, "outreach") {
		facts = append(facts, outreach(r, t, i))
	}
	for i := range facts {
		if rapid.IntRange(0, 3).Draw(r, "revised") == 0 {
			facts = append(facts, revision(r, t, facts[i], 1))
		}
	}
	for i := range facts {
		facts[i].Line = int64(i + 1)
		facts[i].Tie = facts[i].Tie*10_000 + uint64(i) // No two versions are equal in everything.
	}
	return facts
}

// near draws an instant from days before t to days after it, often on the
// edge of t or of one of the windows.
func near(r *rapid.T, t time.Time, before, after int) time.Time {
	day := time.Duration(rapid.IntRange(-before, after).Draw(r, "day")) * model.Day
	switch rapid.IntRange(0, 7).Draw(r, "edge") {
	case 0:
		return t
	case 1:
		return t.Add(-time.Microsecond)
	case 2:
		return t.Add(day)
	case 3:
		return t.Add(day - time.Microsecond)
	}
	return t.Add(day + time.Duration(rapid.IntRange(0, 86_399).Draw(r, "second"))*time.Second)
}

// someone draws a customer's id.
func someone(r *rapid.T) string {
	return customerID(rapid.IntRange(0, shopCustomers-1).Draw(r, "customer"))
}

// maybe sets a column to an instant after since, or leaves it out.
func maybe(r *rapid.T, values map[string]any, column string, since time.Time, days int) {
	if rapid.Bool().Draw(r, column) {
		values[column] = since.Add(time.Duration(rapid.IntRange(0, days*24).Draw(r, "hours")) * time.Hour)
	}
}

// fact dates a row as files do: known when it occurred, or somewhat later;
// settled then, or at an import long after.
func fact(r *rapid.T, t time.Time, kind model.FactKind, occurred time.Time, values map[string]any) Fact {
	f := Fact{Kind: kind, Values: values, KnownAt: occurred, Tie: rapid.Uint64Range(0, 9).Draw(r, "tie")}
	if rapid.IntRange(0, 3).Draw(r, "late") == 0 {
		f.KnownAt = near(r, t, 60, 60)
	}
	f.SettledAt = f.KnownAt
	if rapid.Bool().Draw(r, "imported") {
		f.SettledAt = t.Add(100 * model.Day)
	}
	return f
}

func customer(r *rapid.T, t time.Time, i int) Fact {
	values := map[string]any{
		"customer_id": customerID(i),
		"channel":     rapid.SampledFrom([]string{"web", "shop", ""}).Draw(r, "channel"),
		"region":      rapid.SampledFrom([]string{"north", "south"}).Draw(r, "region"),
		"tier":        rapid.SampledFrom([]string{"gold", "plain"}).Draw(r, "tier"),
		"plan":        rapid.SampledFrom([]string{"free", "paid"}).Draw(r, "plan"),
	}
	at := t.Add(-500 * model.Day)
	if rapid.Bool().Draw(r, "signed up") {
		at = near(r, t, 400, 30)
		values["signed_up_at"] = at
	}
	maybe(r, values, "cancelled_at", at, 500)
	return fact(r, t, model.Customers, at, values)
}

func contract(r *rapid.T, t time.Time, i int) Fact {
	at := near(r, t, 400, 30)
	values := map[string]any{
		"contract_id": fmt.Sprintf("k%d", i), "customer_id": someone(r), "started_at": at,
		"renews_at": at.Add(365 * model.Day), "term": "monthly", "price": float64(rapid.IntRange(1, 9000).Draw(r, "price")) / 100,
	}
	maybe(r, values, "cancelled_at", at, 400)
	maybe(r, values, "ends_at", at, 500)
	return fact(r, t, model.Contracts, at, values)
}

func order(r *rapid.T, t time.Time, i int) Fact {
	at := near(r, t, 400, 60)
	values := map[string]any{
		"order_id": fmt.Sprintf("o%d", i), "customer_id": someone(r), "ordered_at": at,
		"amount":          float64(rapid.IntRange(0, 50_000).Draw(r, "amount")) / 100,
		"discount_amount": float64(rapid.IntRange(0, 500).Draw(r, "discount")) / 100,
		"status":          rapid.SampledFrom([]string{"", "paid", "Cancelled ", "shipped"}).Draw(r, "status"),
		"return_reason":   rapid.SampledFrom([]string{"misfit", "changed_mind", ""}).Draw(r, "reason"),
		"refunded_amount": float64(rapid.IntRange(0, 2).Draw(r, "refund")) * 5,
		"sampling_weight": float64(rapid.IntRange(1, 3).Draw(r, "weight")),
	}
	if rapid.Bool().Draw(r, "promised") {
		promised := model.StartOfDay(at.Add(time.Duration(rapid.IntRange(0, 10).Draw(r, "days")) * model.Day))
		values["promised_at"], values["promise_ends_at"] = promised, promised.Add(model.Day)
	}
	maybe(r, values, "delivered_at", at, 40)
	if rapid.IntRange(0, 5).Draw(r, "cancelled") == 0 {
		maybe(r, values, "cancelled_at", at, 20)
	}
	maybe(r, values, "returned_at", at, 60)
	return fact(r, t, model.Orders, at, values)
}

func items(r *rapid.T, o Fact) []Fact {
	lines := rapid.IntRange(0, 2).Draw(r, "items")
	out := make([]Fact, 0, lines)
	for i := range lines {
		out = append(out, Fact{
			Kind: model.OrderItems, KnownAt: o.KnownAt, SettledAt: o.SettledAt, Tie: o.Tie,
			Values: map[string]any{
				"order_id": o.text("order_id"), "line": strconv.Itoa(i),
				"sku":        rapid.SampledFrom([]string{"cup", "pot"}).Draw(r, "sku"),
				"unit_price": float64(rapid.IntRange(1, 999).Draw(r, "price")) / 100, "quantity": 1.0,
			},
		})
	}
	return out
}

func ticket(r *rapid.T, t time.Time, i, orders int) Fact {
	at := near(r, t, 300, 30)
	values := map[string]any{
		"ticket_id": fmt.Sprintf("t%d", i), "customer_id": someone(r), "opened_at": at,
		"reopened_count": rapid.IntRange(0, 2).Draw(r, "reopened"),
		"sentiment":      float64(rapid.IntRange(-10, 10).Draw(r, "sentiment")) / 10,
		"topic":          rapid.SampledFrom([]string{"delivery", "other"}).Draw(r, "topic"),
	}
	if rapid.Bool().Draw(r, "about an order") {
		values["order_id"] = fmt.Sprintf("o%d", rapid.IntRange(0, orders-1).Draw(r, "order"))
	}
	maybe(r, values, "first_replied_at", at, 4)
	maybe(r, values, "resolved_at", at, 10)
	return fact(r, t, model.Tickets, at, values)
}

func response(r *rapid.T, t time.Time, i, orders int) Fact {
	at := near(r, t, 300, 30)
	kind := rapid.SampledFrom([]string{"nps", "csat", "ces", "rating", "sentiment"}).Draw(r, "kind")
	low, high, _ := model.ScoreRange(kind)
	values := map[string]any{
		"response_id": fmt.Sprintf("r%d", i), "customer_id": someone(r), "answered_at": at, "kind": kind,
		"score": low + (high-low)*float64(rapid.IntRange(0, 6).Draw(r, "score"))/6,
	}
	if comment := rapid.SampledFrom([]string{"", "", "late", "parcel"}).Draw(r, "comment"); comment != "" {
		values["comment"] = comment
	}
	switch rapid.IntRange(0, 2).Draw(r, "about") {
	case 0:
		values["order_id"] = fmt.Sprintf("o%d", rapid.IntRange(0, orders-1).Draw(r, "order"))
	case 1:
		values["ticket_id"] = fmt.Sprintf("t%d", rapid.IntRange(0, 7).Draw(r, "ticket"))
	}
	return fact(r, t, model.Responses, at, values)
}

func event(r *rapid.T, t time.Time, i int) Fact {
	at := near(r, t, 200, 30)
	names := []string{"visit", "cart_add", "cart_abandon", "return", "unsubscribe", "payment_failed", "login"}
	return fact(r, t, model.Events, at, map[string]any{
		"event_id": fmt.Sprintf("e%d", i), "customer_id": someone(r), "occurred_at": at,
		"name": rapid.SampledFrom(names).Draw(r, "name"), "value": 1.0,
	})
}

func outreach(r *rapid.T, t time.Time, i int) Fact {
	at := near(r, t, 120, 30)
	values := map[string]any{
		"outreach_id": fmt.Sprintf("m%d", i), "customer_id": someone(r), "sent_at": at,
		"kind": rapid.SampledFrom([]string{"survey", "survey", "marketing", "retention"}).Draw(r, "kind"),
	}
	if rapid.Bool().Draw(r, "told cost") {
		values["cost"] = float64(rapid.IntRange(0, 12).Draw(r, "cost")) / 4
	}
	maybe(r, values, "replied_at", at, 20)
	return fact(r, t, model.Outreach, at, values)
}

// revision draws a later version of a row: known at its own time, with some of
// its columns changed.
func revision(r *rapid.T, t time.Time, f Fact, number int) Fact {
	f.Values = maps.Clone(f.Values)
	f.KnownAt = near(r, t, 90, 60)
	f.SettledAt, f.Revision, f.Tie = f.KnownAt, number, rapid.Uint64Range(0, 9).Draw(r, "tie")
	schema, _ := model.SchemaOf(f.Kind)
	if at, ok := f.occurred(); ok && rapid.Bool().Draw(r, "redated") {
		f.Values[schema.Occurred] = at.Add(time.Duration(rapid.IntRange(-48, 48).Draw(r, "hours")) * time.Hour)
	}
	if _, ok := f.Values["amount"]; ok {
		f.Values["amount"] = float64(rapid.IntRange(0, 50_000).Draw(r, "amount")) / 100
	}
	for _, c := range schema.Columns {
		if c.Known == model.AtItself && c.Name != schema.Occurred {
			delete(f.Values, c.Name)
			maybe(r, f.Values, c.Name, f.KnownAt.Add(-30*model.Day), 60)
		}
	}
	return f
}

func customerID(i int) string { return fmt.Sprintf("c%d", i) }
