package duckdb_test

import (
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/churnwatch/churnwatch/ingest"
	"github.com/churnwatch/churnwatch/ingest/preset"
	"github.com/churnwatch/churnwatch/model"
)

// made imports texts as the files of a preset.
func (g *gate) made(t *testing.T, text string, files ...string) []model.ImportReport {
	t.Helper()
	p, err := preset.Parse("test", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	request := ingest.Request{Preset: p}
	for _, f := range files {
		request.Files = append(request.Files, ingest.Stream("file", strings.NewReader(f)))
	}
	reports, err := g.Import(t.Context(), request)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range reports {
		if r.Read != r.Loaded+r.Replaced+r.Unchanged+r.Quarantined {
			t.Errorf("%+v", r)
		}
	}
	return reports
}

// derive evaluates an expression over columns a and b of one row.
func derive(t *testing.T, g *gate, expression, a, b string) string {
	t.Helper()
	g.clear(t).made(t, `
name: test
tables: [{name: rows, counts_as: customers, columns: {id: id, a: a, b: b}}]
kinds: [{kind: customers, from: rows, columns: {customer_id: id, channel: `+expression+`}}]`,
		"id,a,b\nc1,\""+a+"\",\""+b+"\"\n")
	rows := g.rows(t, "SELECT channel FROM customers")
	if len(rows) != 1 {
		t.Fatalf("%s: %d rows", expression, len(rows))
	}
	return rows[0]
}

func TestEachOperationDerivesItsValue(t *testing.T) {
	g := openGate(t)
	for _, c := range []struct{ expression, a, b, want string }{
		{"a", "x", "", "x"},
		{"{const: web}", "", "", "web"},
		{"{coalesce: [a, b]}", "", "y", "y"},
		{`{concat: [a, b], with: "/"}`, "x", "y", "x/y"},
		{`{concat: [a, b], with: "/"}`, "x", "", "x"},
		{`{concat: [a, b], with: "/"}`, "", "", "-"},
		{"{lower: a}", "ÄBC", "", "äbc"},
		{"{upper: a}", "eur", "", "EUR"},
		{`{replace: a, with: " ", to: ";"}`, "late angry", "", "late;angry"},
		{`{replace: a, with: "'"}`, "'90'13", "", "9013"},
		{"{sha256: a}", "ann@example.org", "", "438c4c7afe600cdf1e455c369bec76dc970fc8ca463447c7b387a347f3c79331"},
		{"{sha256: a}", "", "", "-"},
		{"{field: a, with: sku}", "name:Tea|product_id:7|sku:T-1|quantity:2", "", "T-1"},
		{"{field: a, with: id}", "name:Tea|product_id:7|sku:|quantity:2", "", "-"},
		{"{field: a, with: sku}", "name:Tea|sku:|quantity:2", "", "-"},
		{"{json: a, with: /traits/email}", `{""traits"":{""email"":""a@b.c"",""age"":7}}`, "", "a@b.c"},
		{"{json: a, with: /traits/age}", `{""traits"":{""age"":7}}`, "", "7"},
		{"{json: a, with: /traits}", `{""traits"":{""age"":7}}`, "", "-"},
		{"{json: a, with: /traits}", `{""traits"":null}`, "", "-"},
		{"{json: a, with: /items/1}", `{""items"":[1,2]}`, "", "2"},
		{"{json: a, with: /traits}", "no {json", "", "-"},
		{"{choose: [{has_word: a, with: merged}, {const: yes}, {const: no}]}", "late Merged", "", "yes"},
		{"{choose: [{has_word: a, with: merged}, {const: yes}, {const: no}]}", "late,unmerged", "", "no"},
		{"{choose: [{has_word: a, with: merged}, {const: yes}, {const: no}]}", "", "", "no"},
		{"{trim: {concat: [a, {const: ' '}]}}", "x", "", "x"},
		{`{unprefix: a, with: "'"}`, "'9013", "", "9013"},
		{`{unprefix: a, with: "'"}`, "9013", "", "9013"},
		{"{plain_number: a}", "$ 1,000.50", "", "1000.50"},
		{"{plain_number: a}", "€10", "", "10"},
		{"{plain_number: a}", "1.000,50", "", "1.000,50"}, // not to be guessed
		{"{map: a, values: {Paid: paid, Failed: failed}}", "Paid", "", "paid"},
		{"{map: a, values: {Paid: paid}}", "Open", "", "-"},
		{"{map: a, values: {Paid: paid}, else: a}", "Open", "", "Open"},
		{"{product: [a, b]}", "3", "2.55", "7.650000000000"},
		{"{product: [a, b]}", "three", "2", "-"},
		{"{add: [a, b]}", "0.1", "0.2", "0.300000000000"},
		{"{negative: a}", "-4", "", "4.000000"},
		{"{absolute: {product: [a, b]}}", "-4", "0.5", "2.000000000000"},
		{"{divide: [a, {const: '100'}]}", "1999", "", "19.990000"},
		{"{divide: [a, b]}", "1", "0", "-"},
		{"{from_unix: a}", "1704448800", "", "2024-01-05 10:00:00.000000Z"},
		{"{from_unix: a}", "soon", "", "-"},
		{"{from_millis: a}", "1704448800250", "", "2024-01-05 10:00:00.250000Z"},
		{"{from_millis: a}", "soon", "", "-"},
		{"{after_minutes: [a, b]}", "2024-01-05T10:00:00+01:00", "90", "2024-01-05 10:30:00Z"},
		{"{after_minutes: [a, b]}", "2024-01-05 10:00", "90", "2024-01-05 11:30:00"},
		{"{after_minutes: [a, b]}", "2024-01-05 10:00", "", "-"},
		{"{choose: [{equals: a, to: x}, {const: one}, {present: b}, {const: two}, {const: other}]}", "x", "", "one"},
		{"{choose: [{equals: a, to: x}, {const: one}, {present: b}, {const: two}, {const: other}]}", "", "y", "two"},
		{"{choose: [{equals: a, to: x}, {const: one}, {present: b}, {const: two}, {const: other}]}", "", "", "other"},
		{"{choose: [{equals: [a, b]}, {const: same}]}", "", "", "-"}, // what is absent equals nothing
		{"{choose: [{in: a, values: [x, y]}, {const: yes}]}", "y", "", "yes"},
		{"{choose: [{in: a, values: [x, y]}, {const: yes}]}", "z", "", "-"},
		{"{choose: [{prefix: a, with: C}, {const: yes}, {const: no}]}", "C536", "", "yes"},
		{"{choose: [{positive: a}, {const: yes}, {const: no}]}", "0.01", "", "yes"},
		{"{choose: [{positive: a}, {const: yes}, {const: no}]}", "0", "", "no"},
		{"{choose: [{positive: a}, {const: yes}, {const: no}]}", "inf", "", "no"},
		{"{choose: [{numeric: a}, {const: yes}, {const: no}]}", "-1e3", "", "yes"},
		{"{choose: [{not: {present: a}}, {const: yes}, {const: no}]}", "", "", "yes"},
		{"{choose: [{all: [{present: a}, {present: b}]}, {const: yes}, {const: no}]}", "x", "", "no"},
		{"{choose: [{any: [{present: a}, {present: b}]}, {const: yes}, {const: no}]}", "x", "", "yes"},
		{"{occurrence: [a]}", "x", "", "1"},
	} {
		expression := strings.NewReplacer("const: yes", "const: 'yes'", "const: no}", "const: 'no'}").Replace(c.expression)
		if got := derive(t, g, expression, c.a, c.b); got != c.want {
			t.Errorf("%s of %q and %q is %q, want %q", c.expression, c.a, c.b, got, c.want)
		}
	}
}

// An export as a shop system writes it: a line per item, with the fields of
// the order on its first line only, and a customer by e-mail.
const lineItems = `
name: test
tables:
  - name: lines
    counts_as: order_items
    columns: {order: Name, email: Email, paid: Total, at: Created at, sku: Lineitem sku, quantity: Lineitem quantity, price: Lineitem price}
kinds:
  - kind: order_items
    from: lines
    refuse: [{when: {not: {present: sku}}, column: Lineitem sku, reason: no_sku, detail: the line names no article}]
    columns:
      order_id: order
      line: {occurrence: [order]}
      sku: sku
      quantity: quantity
      unit_price: price
  - kind: orders
    from: lines_of_orders
    derived_from: lines
    columns: {order_id: order, customer_id: customer, ordered_at: at, amount: paid, known_at: last_at}
sets:
  - name: lines_of_orders
    from: lines
    by: [order]
    columns:
      order: order
      customer: {lower: {first: email}}
      at: {first: at}
      last_at: {last: [at, at]}
      paid: {plain_number: {first: paid}}
      lines: {count: }
      dearest: {max: price}
`

func TestOrderFieldsOnTheFirstLineReachTheOrder(t *testing.T) {
	g := openGate(t)
	reports := g.made(t, lineItems, "Name,Email,Total,Created at,Lineitem sku,Lineitem quantity,Lineitem price\n"+
		"#1,Ann@Example.org,\"$1,030.00\",2024-02-21 10:00:00 +0100,A,2,500\n#1,,,,B,1,30\n#2,bob@example.org,5.00,2024-02-22 10:00:00 +0100,A,1,5\n#2,,,,,1,5\n")
	var counts []string
	for _, r := range reports {
		counts = append(counts, strings.Join([]string{string(r.Kind), r.DerivedFrom, word(r.Read), word(r.Loaded), word(r.Quarantined)}, " "))
	}
	if diff := gocmp.Diff([]string{"orders lines 2 2 0", "order_items  4 3 1"}, counts); diff != "" {
		t.Errorf("kind, derived from, read, loaded, quarantined (-want +got):\n%s", diff)
	}
	if diff := gocmp.Diff([]string{
		"#1 ann@example.org 2024-02-21T09:00:00 1030 2", "#2 bob@example.org 2024-02-22T09:00:00 5 4",
	}, g.rows(t, "SELECT order_id, customer_id, ordered_at, CAST(amount AS DOUBLE), source_line FROM orders ORDER BY order_id")); diff != "" {
		t.Errorf("orders (-want +got):\n%s", diff)
	}
	if diff := gocmp.Diff([]string{"#1 1 A 2", "#1 2 B 3", "#2 1 A 4"},
		g.rows(t, "SELECT order_id, line, sku, source_line FROM order_items ORDER BY ALL")); diff != "" {
		t.Errorf("items (-want +got):\n%s", diff)
	}
	if diff := gocmp.Diff([]string{"5 Lineitem sku no_sku #2,,,,,1,5"}, g.rows(t, "SELECT line, column_name, reason, raw FROM quarantine")); diff != "" {
		t.Errorf("quarantine (-want +got):\n%s", diff)
	}
}

func TestRowsThatNoKindTakesAreRefused(t *testing.T) {
	g := openGate(t)
	reports := g.made(t, `
name: test
tables: [{name: calls, counts_as: events, columns: {type: type, user: userId, at: timestamp, event: event}, optional: [event]}]
kinds:
  - {kind: events, from: calls, when: {equals: type, to: track}, columns: {customer_id: user, occurred_at: at, name: event}}
  - {kind: customers, from: calls, when: {equals: type, to: identify}, columns: {customer_id: user}}`,
		"type,userId,timestamp,event\ntrack,u1,2024-01-01,login\nidentify,u2,2024-01-01,\npage,u1,2024-01-01,\n")
	counts := map[model.FactKind][3]int64{}
	for _, r := range reports {
		counts[r.Kind] = [3]int64{r.Read, r.Loaded, r.Quarantined}
	}
	if diff := gocmp.Diff(map[model.FactKind][3]int64{model.Events: {2, 1, 1}, model.Customers: {1, 1, 0}}, counts); diff != "" {
		t.Errorf("read, loaded, quarantined (-want +got):\n%s", diff)
	}
	if diff := gocmp.Diff([]string{"4 not_used page,u1,2024-01-01,"}, g.rows(t, "SELECT line, reason, raw FROM quarantine")); diff != "" {
		t.Errorf("quarantine (-want +got):\n%s", diff)
	}
}

func TestAJoinTakesTheFirstOfSeveralMatchesAndKeepsRowsWithout(t *testing.T) {
	g := openGate(t)
	g.made(t, `
name: test
tables:
  - {name: orders, counts_as: orders, columns: {id: id, who: who, at: at, sum: sum}}
  - {name: people, counts_as: orders, columns: {key: key, country: country}}
kinds:
  - kind: orders
    from: orders
    joins: [{table: people, "on": {key: who}}]
    columns: {order_id: id, customer_id: who, ordered_at: at, amount: sum, channel: people.country}`,
		"key,country\nu1,DE\nu1,FR\n", "id,who,at,sum\no1,u1,2024-01-01,1\no2,u2,2024-01-01,1\n")
	if diff := gocmp.Diff([]string{"o1 DE", "o2 -"}, g.rows(t, "SELECT order_id, channel FROM orders ORDER BY 1")); diff != "" {
		t.Errorf("orders (-want +got):\n%s", diff)
	}
}

func TestRowsOfSeveralFilesOfATableKeepTheirLines(t *testing.T) {
	g := openGate(t)
	g.inChunks(t, 1)
	g.made(t, `
name: test
tables: [{name: rows, counts_as: customers, columns: {id: id, note: note}}]
kinds: [{kind: customers, from: rows, refuse: [{when: {equals: note, to: bad}, column: note, reason: bad_note}], columns: {customer_id: id, note: note}}]`,
		"id,note\nc1,\"two\nlines\"\nc2,bad\nc3,x,y\nc4,fine\n", "note,id\nfine,c5\nbad,c6\nfine,c7\n")
	if diff := gocmp.Diff([]string{"c1 2", "c4 6", "c5 2", "c7 4"}, g.rows(t, "SELECT customer_id, source_line FROM customers ORDER BY 1")); diff != "" {
		t.Errorf("customers and their lines (-want +got):\n%s", diff)
	}
	if diff := gocmp.Diff([]string{"3 bad_note bad,c6", "4 bad_note c2,bad", "5 too_many_fields c3,x,y"},
		g.rows(t, "SELECT line, reason, raw FROM quarantine ORDER BY line")); diff != "" {
		t.Errorf("quarantine (-want +got):\n%s", diff)
	}
}
