package preset_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/churnwatch/churnwatch/ingest/preset"
	"github.com/churnwatch/churnwatch/model"
)

func TestEveryPresetThatIsBuiltInReads(t *testing.T) {
	for _, name := range preset.Names() {
		p, err := preset.Open(name)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if p.Name != name || p.Title == "" || p.Recipe.Name != name {
			t.Errorf("%s: is called %q with title %q", name, p.Name, p.Title)
		}
	}
	if diff := cmp.Diff([]string{
		"delighted-responses", "hubspot-feedback", "olist", "olist-sample", "online-retail", "segment-events", "shopify-customers",
		"shopify-orders", "stripe-charges", "woocommerce-orders", "zendesk-tickets",
	}, preset.Names()); diff != "" {
		t.Errorf("names (-want +got):\n%s", diff)
	}
}

const small = `
name: test
tables: [{name: rows, counts_as: customers, columns: {id: ID, at: At}}]
kinds: [{kind: customers, from: rows, columns: {customer_id: id}}]
`

func TestEveryKindOfAPresetSaysWhomItsRowsAreAbout(t *testing.T) {
	for _, name := range preset.Names() {
		p, err := preset.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, k := range p.Recipe.Kinds {
			schema, _ := model.SchemaOf(k.Kind)
			if _, has := schema.Column("customer_id"); !has && k.Customer == nil {
				t.Errorf("%s: refused %s could not be erased with their customer", name, k.Kind)
			}
		}
	}
}

func TestAFaultIsNamedWithItsPlace(t *testing.T) {
	for _, c := range []struct{ from, to, want string }{
		{"name: test", "name: ''", "name: is missing"},
		{"name: test", "name: test\ncolour: red", `preset: unknown key "colour"`},
		{"counts_as: customers, ", "", `tables[0].counts_as: "" is not a kind`},
		{"counts_as: customers", "counts_as: shops", `tables[0].counts_as: "shops" is not a kind`},
		{"name: rows", "name: Rows", `tables[0].name: "Rows" is not a name`},
		{"columns: {id: ID, at: At}", "columns: {}", "tables[0].columns: want a map of at least one column"},
		{"columns: {id: ID, at: At}", "columns: {id: ID}, optional: [at]", `tables[0].optional: no column "at"`},
		{"kind: customers, from", "kind: shops, from", `kinds[0].kind: "shops" is not a kind`},
		{"from: rows", "from: lines", `kinds[0].from: no table or set "lines" before it`},
		{"from: rows, ", "", "kinds[0]: want either from or of"},
		{"customer_id: id", "customer_id: name", `kinds[0].columns.customer_id: no column "name" is at hand`},
		{"customer_id: id", "customer_id: 5", "kinds[0].columns.customer_id: 5 is not an expression"},
		{"customer_id: id", "customer_id: Some Text", `"Some Text" is not a column`},
		{"customer_id: id", "customer_id: {capitals: id}", `unknown operation "capitals"`},
		{"customer_id: id", "customer_id: {lower: id, trim: id}", `two operations, "lower" and "trim"`},
		{"customer_id: id", "customer_id: {with: x}", "no operation"},
		{"customer_id: id", "customer_id: {divide: id}", "kinds[0].columns.customer_id.divide: 1 arguments do not fit"},
		{"customer_id: id", "customer_id: {unprefix: id}", "unprefix needs its text: with"},
		{"customer_id: id", "customer_id: {map: id}", "map needs its table: values"},
		{"customer_id: id", "customer_id: {present: id}", "present is a condition, want a value"},
		{"customer_id: id", "customer_id: {choose: [id, id]}", "column is not a condition"},
		{"customer_id: id", "customer_id: {sum: id}", "sum is only for columns where rows are grouped"},
		{"from: rows", "from: rows, when: {equals: [id, {occurrence: id}]}", "occurrence is not for conditions"},
		{"columns: {customer_id: id}", "columns: {region: id}", `kinds[0].columns: required column "customer_id" of customers is missing`},
		{"from: rows", "from: rows, by: [id]", "kinds[0].derived_from: is missing"},
		{"from: rows", "from: rows, derived_from: rows", "kinds[0].derived_from: is not for a kind that takes the rows of a table"},
		{"from: rows", "from: rows, joins: [{table: rows, \"on\": {id: id}}]", `"rows" is joined already`},
		{"from: rows", "from: rows, refuse: [{when: {present: id}, column: ID}]", `kinds[0].refuse[0].reason: "<nil>" is not a name`},
		{"kinds: [", "kinds: [{kind: customers, from: rows, columns: {customer_id: id}}, ", "kinds[1].kind: customers is made twice"},
		{"customer_id: id", "customer_id: {replace: id, to: x}", "replace needs its text: with"},
		{"customer_id: id", "customer_id: {field: id, with: 'a:b'}", "field needs the field's name"},
		{"customer_id: id", "customer_id: {json: id, with: traits}", "json needs a pointer"},
		{"customer_id: id", "customer_id: {choose: [{has_word: id, with: 'a b'}, id]}", "has_word needs one word"},
		{"counts_as: customers", "counts_as: customers, one_of: [[id]]", `tables[0].one_of[0]: "id" is not an optional column`},
		{"counts_as: customers", "counts_as: customers, groups: [{name: items, columns: {sku: SKU}}]", `"SKU": want {n} once`},
		{"counts_as: customers", "counts_as: customers, groups: [{name: id, columns: {sku: 'SKU {n}'}}]", `tables[0].groups[0]: the name "id" is taken`},
		{"counts_as: customers", "counts_as: customers, groups: [{name: items, columns: {number: 'SKU {n}'}}]", `the name "number" is taken`},
		{"kinds: [", "sets: [{name: lines, from: rows, each: items, columns: {id: id}}]\nkinds: [", `sets[0].each: table "rows" has no group "items"`},
		{
			"columns: {id: ID, at: At}}]\n", "columns: {id: ID, at: At}, groups: [{name: items, columns: {sku: 'SKU {n}'}}]}]\n" +
				"sets: [{name: lines, from: rows, each: items, columns: {id: id, nth: {occurrence: id}}}]\n", "sets[0].columns: occurrence is not for the entries of a group",
		},
		{"from: rows", "from: rows, refuse: [{when: {present: id}, column: ID, reason: known, expected: often}]", "kinds[0].refuse[0].expected: want true or false"},
		{"from: rows", "from: rows, refuse: [{when: {present: id}, column: ID, reason: known, unless_known: true}, {when: {present: at}, column: At, reason: at}]", "kinds[0].refuse[1]: stands behind one with unless_known"},
		{"from: rows, ", "from: rows, customer: id, ", "kinds[0].customer: is for kinds without customer_id: customers have it"},
		{"kinds: [", "reject: [{name: payouts, columns: [Arrival]}]\nkinds: [", "reject[0]: want the columns by which the file is known and a detail"},
		{"name: test", "extends: nothing\nname: test", `preset "nothing" is not known`},
	} {
		text := strings.Replace(small, c.from, c.to, 1)
		if text == small {
			t.Fatalf("%q is not in the preset", c.from)
		}
		_, err := preset.Parse("test", []byte(text))
		if model.KindOf(err) != model.KindInvalid || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s -> %s: error %v, want one of kind invalid with %q", c.from, c.to, err, c.want)
		}
	}
}

func TestAFileOfOnesOwnIsReadByItsPath(t *testing.T) {
	path := filepath.Join(t.TempDir(), "mine.yaml")
	if err := os.WriteFile(path, []byte("extends: olist\nname: mine\nkinds: [{kind: orders, columns: {channel: {const: app}}}]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	p, err := preset.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range p.Recipe.Kinds {
		names := map[string]bool{}
		for _, c := range k.Columns {
			names[c.Name] = true
		}
		if k.Kind == model.Orders && !(names["channel"] && names["promised_at"]) {
			t.Errorf("orders have columns %v, want those of olist and the channel", names)
		}
	}
	if _, err := preset.Open("missing.yaml"); model.KindOf(err) != model.KindInvalid {
		t.Errorf("a missing file: %v", err)
	}
}

func TestFilesAreRecognisedByTheirColumns(t *testing.T) {
	p, err := preset.Open("olist")
	if err != nil {
		t.Fatal(err)
	}
	fold := strings.ToLower
	for _, c := range []struct{ header, table, ignored string }{
		{"order_id,customer_id,order_status,order_purchase_timestamp,order_delivered_customer_date,order_estimated_delivery_date", "orders", ""},
		{"CUSTOMER_ID,customer_unique_id,customer_state", "customers", ""},
		{"product_category_name,product_category_name_english", "categories", ""},
		{"product_id,product_category_name", "products", ""},
		{"seller_id,seller_zip_code_prefix,seller_city,seller_state", "", "sellers"},
		{"geolocation_zip_code_prefix,geolocation_lat,geolocation_lng,geolocation_city", "", "geolocation"},
	} {
		m, err := p.Recognise(strings.Split(c.header, ","), nil, fold)
		if err != nil || m.Table != c.table || m.Ignored != c.ignored {
			t.Errorf("%s: table %q, ignored %q, error %v", c.header, m.Table, m.Ignored, err)
		}
	}
	_, err = p.Recognise([]string{"order_id", "customer_id", "order_status"}, nil, fold)
	if want := "orders lacks order_delivered_customer_date, order_estimated_delivery_date, order_purchase_timestamp"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("error %v, want one with %q", err, want)
	}
	m, err := p.Recognise([]string{"client", "person", "uf"}, map[string]string{"customers.customer_id": "client", "person": "person", "state": "uf"}, fold)
	if err != nil || m.Table != "customers" {
		t.Errorf("with given names: %+v, %v", m, err)
	}
}
