package painfile_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/churnwatch/churnwatch/cmd/internal/painfile"
	"github.com/churnwatch/churnwatch/model"
)

// write puts a file there and returns its path.
func write(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "own.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestEveryFormIsRead(t *testing.T) {
	got, err := painfile.Read([]string{write(t, `
painpoints:
  - name: slow_economy
    label: economy parcel more than six days on its way
    order: {where: [{column: shipping_method, is: economy}, {column: amount, above: 20}], from: ordered_at, to: delivered_at, longer_than: 6d}
    severity: days
    window: 60d
  - {name: billing, label: billing ticket, ticket: {topic: billing, tag: [a, b], open_longer_than: 48h}, severity: hours}
  - {name: crash, unit: crash, event: {name: crash, above: 3}}
  - {name: bad, answer: {touchpoint: delivery, kind: rating, below: 3}}
  - {name: small, return: {reasons: [too_small, wrong_size]}}
  - {name: unheard, outreach: {kind: retention, no_reply_within: 7d}}
`)})
	if err != nil {
		t.Fatal(err)
	}
	is := func(column string, texts ...string) model.IncidentCondition {
		return model.IncidentCondition{Column: column, Op: "is", Texts: texts}
	}
	want := []model.PainPoint{
		{Name: "slow_economy", Label: "economy parcel more than six days on its way", Unit: "order", WindowDays: 60, Rule: model.IncidentRule{
			Of: model.Orders, Where: []model.IncidentCondition{is("shipping_method", "economy"), {Column: "amount", Op: "above", Number: 20}},
			From: "ordered_at", To: "delivered_at", SpanSeconds: 6 * 86400, SeverityStep: 86400, SeverityCeiling: 1000,
		}},
		{Name: "billing", Label: "billing ticket", Unit: "ticket", WindowDays: 90, Rule: model.IncidentRule{
			Of: model.Tickets, Where: []model.IncidentCondition{{Column: "tags", Op: "tagged", Texts: []string{"a", "b"}}, is("topic", "billing")},
			From: "opened_at", To: "resolved_at", SpanSeconds: 2 * 86400, SeverityStep: 3600, SeverityCeiling: 1000,
		}},
		{Name: "crash", Label: "crash", Unit: "crash", WindowDays: 90, Rule: model.IncidentRule{
			Of: model.Events, Where: []model.IncidentCondition{{Column: "value", Op: "above", Number: 3}, is("name", "crash")}, From: "occurred_at",
		}},
		{Name: "bad", Label: "bad", Unit: "answer", WindowDays: 90, Rule: model.IncidentRule{
			Of: model.Responses, From: "answered_at",
			Where: []model.IncidentCondition{{Column: "score", Op: "below", Number: 3}, is("kind", "rating"), is("touchpoint", "delivery")},
		}},
		{Name: "small", Label: "small", Unit: "order", WindowDays: 90, Rule: model.IncidentRule{
			Of: model.Orders, Where: []model.IncidentCondition{is("return_reason", "too_small", "wrong_size")}, From: "returned_at",
		}},
		{Name: "unheard", Label: "unheard", Unit: "message", WindowDays: 90, Rule: model.IncidentRule{
			Of: model.Outreach, Where: []model.IncidentCondition{is("kind", "retention")}, From: "sent_at", To: "replied_at", SpanSeconds: 7 * 86400,
		}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestAFaultIsSaidWithItsLine(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"a misspelt key":          {"painpoints:\n  - name: a\n    lable: x\n    event: {name: e}\n", `:3: "lable" is not a key here`},
		"a misspelt key inside":   {"painpoints:\n  - name: a\n    ticket: {topc: x}\n", `:3: "topc" is not a key here: want one of topic, tag`},
		"a name of the program's": {"painpoints:\n  - {name: late_delivery, event: {name: e}}\n", "taken by a pain point of the program"},
		"a name twice":            {"painpoints:\n  - {name: a, event: {name: e}}\n  - {name: a, event: {name: e}}\n", ":3: name \"a\" is taken by"},
		"no name":                 {"painpoints:\n  - {event: {name: e}}\n", ":2: a pain point needs a name"},
		"a name that is none":     {"painpoints:\n  - {name: A b, event: {name: e}}\n", "want up to 48 lower-case letters"},
		"no form":                 {"painpoints:\n  - {name: a}\n", "has 0 forms: want one of order, ticket"},
		"two forms":               {"painpoints:\n  - {name: a, event: {name: e}, return: {reasons: x}}\n", "has 2 forms"},
		"a column that is none":   {"painpoints:\n  - {name: a, order: {where: [{column: customer_id, is: c}]}}\n", `"customer_id" can't be compared by is`},
		"a date that is none":     {"painpoints:\n  - {name: a, order: {from: amount}}\n", `"amount" is no date of an order`},
		"half a span":             {"painpoints:\n  - {name: a, order: {to: delivered_at}}\n", "to and longer_than go together"},
		"a span without a unit":   {"painpoints:\n  - {name: a, ticket: {open_longer_than: 48}}\n", `"48" is no span`},
		"every ticket":            {"painpoints:\n  - {name: a, ticket: {}}\n", "every one would be an incident"},
		"a score without a kind":  {"painpoints:\n  - {name: a, answer: {below: 3}}\n", "name the kind"},
		"a severity of nothing":   {"painpoints:\n  - {name: a, event: {name: e}, severity: days}\n", "only what is measured by a span has one"},
		"half a day":              {"painpoints:\n  - {name: a, event: {name: e}, window: 36h}\n", "whole days"},
		"a list of nothing":       {"painpoints:\n  - {name: a, return: {reasons: []}}\n", "an empty list"},
		"no list":                 {"painpoints: 5\n", ":1: want a list of pain points"},
		"another file":            {"currency: EUR\n", `:1: "currency" is not a key here: want one of painpoints`},
		"nothing":                 {"", "is empty"},
	} {
		_, err := painfile.Read([]string{write(t, c.text)})
		if model.KindOf(err) != model.KindInvalid || err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: want %q, got %v", name, c.want, err)
		}
	}
}
