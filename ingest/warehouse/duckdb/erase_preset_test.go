package duckdb_test

import (
	"strings"
	"testing"

	"github.com/churnwatch/churnwatch/ingest"
	"github.com/churnwatch/churnwatch/ingest/preset"
)

// traces are what the quarantine holds that tells of Ann.
func (s *shelter) traces(t *testing.T) (out []string) {
	t.Helper()
	s.rows(t, "SELECT kind || ' ' || reason || ' ' || raw || detail || coalesce(customer_id, '') FROM quarantine", func(scan func(...any) error) error {
		var text string
		err := scan(&text)
		for _, word := range []string{"ann@", "ann,", "hauptstr", "1.2.3.4"} {
			if strings.Contains(strings.ToLower(text), word) {
				out = append(out, text)
				break
			}
		}
		return err
	})
	return out
}

// The text of a refused row holds what a preset made another thing of: an address
// in another case, or one that became a digest.
func TestRefusedRowsOfAPresetAreErasedByTheCustomerThatItMakes(t *testing.T) {
	const head = "order_id,status,order_date,paid_date,order_total,billing_email,billing_first_name,billing_address_1,customer_ip_address,line_item_1\n"
	order := func(id, status, at, paid, quantity string) string {
		return id + "," + status + "," + at + "," + paid + ",5,Ann@Example.org,Ann,Hauptstr. 5,1.2.3.4,name:Tea|sku:TEA|quantity:" + quantity + "|total:5\n"
	}
	const day = "2024-01-01 10:00:00"
	first := head + order("1", "completed", day, day, "1") + order("2", "failed", day, "", "1") + order("3", "completed", day, day, "many") +
		strings.ReplaceAll(order("4", "completed", "never", day, "1"), "name:Tea|sku:TEA|quantity:1|total:5", "")
	later := first + order("5", "completed", day, day, "many") + order("6", "completed", day, day, "2") + order("7", "failed", day, "", "1")
	const others = "8,failed," + day + ",,5,Bob@Example.org,Bob,Nebenstr. 5,4.3.2.1,\n" +
		"9,completed," + day + "," + day + ",5,Bob@Example.org,Bob,Nebenstr. 5,4.3.2.1,\n"
	for name, file := range map[string]string{
		"lower case": "name: shop\nextends: woocommerce-orders\n",
		"a digest": "name: shop\nextends: woocommerce-orders\nsets: [{name: lines, columns: {customer: {sha256: {lower: billing_email}}}}]\n" +
			"kinds: [{kind: orders, columns: {customer_id: {sha256: {lower: billing_email}}}}, {kind: customers, by: [{sha256: {lower: billing_email}}]," +
			" columns: {customer_id: {first: {sha256: {lower: billing_email}}}}}]\n",
	} {
		t.Run(name, func(t *testing.T) {
			s := openShelter(t)
			p, err := preset.Parse("shop.yaml", []byte(file))
			if err != nil {
				t.Fatal(err)
			}
			load := func(text string) {
				t.Helper()
				if _, err := s.Import(t.Context(), ingest.Request{Preset: p, Files: []ingest.Input{ingest.Stream("export", strings.NewReader(text))}}); err != nil {
					t.Fatal(err)
				}
			}
			load(first + others)
			customer := ""
			s.rows(t, "SELECT customer_id FROM orders WHERE order_id = '1'", func(scan func(...any) error) error { return scan(&customer) })
			if len(s.traces(t)) == 0 {
				t.Fatal("nothing of hers was refused")
			}
			if _, err := s.store.EraseCustomer(t.Context(), customer, noon); err != nil {
				t.Fatal(err)
			}
			same(t, "after the erasure", nil, s.traces(t))
			load(later + others)
			same(t, "after she came again", nil, s.traces(t))
			same(t, "her items", []string{}, (&gate{store: s.store}).rows(t, "SELECT order_id FROM order_items"))
			same(t, "the quarantine of others", []string{"orders not_paid Bob@Example.org"},
				(&gate{store: s.store}).rows(t, "SELECT DISTINCT kind, reason, 'Bob@Example.org' FROM quarantine WHERE contains(raw, 'Bob@Example.org')"))
		})
	}
}
