package duckdb_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/churnwatch/churnwatch/ingest"
	"github.com/churnwatch/churnwatch/ingest/preset"
	"github.com/churnwatch/churnwatch/model"
)

// export imports texts as the files of a preset that ships, and returns a line
// for each kind: read, loaded, replaced, unchanged, quarantined, and why.
func (g *gate) export(t *testing.T, name, zone string, files ...string) []string {
	t.Helper()
	counts, err := g.tryExport(t, name, zone, files...)
	if err != nil {
		t.Fatal(err)
	}
	return counts
}

func (g *gate) tryExport(t *testing.T, name, zone string, files ...string) ([]string, error) {
	t.Helper()
	p, err := preset.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	request := ingest.Request{Preset: p, TimeZone: zone}
	for _, f := range files {
		request.Files = append(request.Files, ingest.Stream("export", strings.NewReader(f)))
	}
	reports, err := g.Import(t.Context(), request)
	return accounts(t, reports), err
}

func accounts(t *testing.T, reports []model.ImportReport) (out []string) {
	t.Helper()
	for _, r := range reports {
		if r.Read != r.Loaded+r.Replaced+r.Unchanged+r.Quarantined {
			t.Errorf("%s: read %d is not the sum of its parts: %+v", r.Kind, r.Read, r)
		}
		line := fmt.Sprintf("%s %d: %d %d %d %d", r.Kind, r.Read, r.Loaded, r.Replaced, r.Unchanged, r.Quarantined)
		for _, reason := range slices.Sorted(maps.Keys(r.Reasons)) {
			line += fmt.Sprintf(" %s=%d", reason, r.Reasons[reason])
		}
		out = append(out, line)
	}
	return out
}

// twice imports an export again and checks that nothing was new.
func (g *gate) twice(t *testing.T, name, zone string, files ...string) {
	t.Helper()
	for _, line := range g.export(t, name, zone, files...) {
		var kind string
		var read, loaded, replaced int
		if _, err := fmt.Sscanf(strings.ReplaceAll(line, ":", " "), "%s %d %d %d", &kind, &read, &loaded, &replaced); err != nil {
			t.Fatal(err)
		}
		if loaded+replaced > 0 {
			t.Errorf("imported again: %s", line)
		}
	}
}

func same(t *testing.T, what string, want, got []string) {
	t.Helper()
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

const (
	orderRows = "SELECT order_id, customer_id, ordered_at, CAST(amount AS DOUBLE), currency, status, channel, shipping_method, " +
		"CAST(discount_amount AS DOUBLE), cancelled_at, CAST(refunded_amount AS DOUBLE), source_line FROM orders ORDER BY order_id, revision"
	itemRows    = "SELECT order_id, line, sku, supplier, quantity, CAST(unit_price AS DOUBLE) FROM order_items ORDER BY ALL"
	refusedRows = "SELECT kind, line, column_name, reason FROM quarantine ORDER BY line, kind, reason"
	answerRows  = "SELECT response_id, customer_id, answered_at, kind, score, touchpoint, ticket_id, survey_id, comment, " +
		"array_to_string(tags, '+') FROM responses ORDER BY response_id, revision"
)

// An order of three rows that hold its fields once; one by phone; one of the test
// gateway; one of gift cards alone, and one with a gift card in it; one that
// was cancelled and one that was refunded in part; one without anybody; a row
// without an article.
const shopifyOrders = "\ufeffName,Email,Financial Status,Paid at,Fulfillment Status,Fulfilled at,Accepts Marketing,Currency,Subtotal,Shipping,Taxes,Total," +
	"Discount Code,Discount Amount,Shipping Method,Created at,Lineitem quantity,Lineitem name,Lineitem price,Lineitem sku,Lineitem requires shipping," +
	"Billing Name,Billing Street,Notes,Cancelled at,Payment Method,Refunded Amount,Vendor,Id,Tags,Source,Lineitem discount,Phone\r\n" +
	`#1001,Ann@Example.org,paid,2024-02-21 10:00:02 +0100,fulfilled,2024-02-22 09:00:00 +0100,yes,EUR,"1,030.00",4.90,0,"1,034.90",SPRING,10.00,Express,2024-02-21 10:00:00 +0100,2,Green tea,500,TEA-1,true,Ann A.,Main St 1,"ring` + "\n" + `twice",,shopify_payments,0.00,Leaf Ltd,5001,vip,web,0.00,` + "\r\n" +
	`#1001,,,,,,,,,,,,,,,,1,Mug,30.00,MUG,true,,,,,,,Clay GmbH,,,,0.00,` + "\r\n" +
	`#1001,,,,,,,,,,,,,,,,1,Green tea,0.00,TEA-1,true,,,,,,,Leaf Ltd,,,,0.00,` + "\r\n" +
	`#1002,,pending,,,,no,EUR,30.00,0,0,30.00,,0.00,Pickup,2024-02-21 23:30:00 -0500,1,Mug,30.00,,true,,,,,Cash on Delivery (COD),0.00,Clay GmbH,5002,,pos,0.00,'+49 170 1` + "\r\n" +
	`#1003,dev@shop.example,paid,,,,no,EUR,1.00,0,0,1.00,,0.00,,2024-02-22 10:00:00 +0100,1,Mug,1.00,MUG,true,,,,,(for testing) Bogus Gateway,0.00,Clay GmbH,5003,,web,0.00,` + "\r\n" +
	`#1004,bob@example.org,paid,,,,no,EUR,50.00,0,0,50.00,,0.00,,2024-02-23 10:00:00 +0100,1,Gift Card - €50,50.00,,false,,,,,shopify_payments,0.00,My shop,5004,,web,0.00,` + "\r\n" +
	`#1005,bob@example.org,partially_refunded,,,,no,EUR,80.00,0,0,80.00,,0.00,,2024-02-24 10:00:00 +0100,1,Gift card,50.00,,false,,,,,shopify_payments,12.50,My shop,5005,,web,0.00,` + "\r\n" +
	`#1005,,,,,,,,,,,,,,,,1,Mug,30.00,MUG,true,,,,,,,Clay GmbH,,,,0.00,` + "\r\n" +
	`#1006,BOB@example.org,voided,,,,no,EUR,30.00,0,0,30.00,,0.00,,2024-02-25 10:00:00 +0100,1,Mug,30.00,MUG,true,,,,2024-02-25 12:00:00 +0100,shopify_payments,0.00,Clay GmbH,5006,,web,0.00,` + "\r\n" +
	`#1007,,paid,,,,no,EUR,30.00,0,0,30.00,,0.00,,2024-02-26 10:00:00 +0100,1,Mug,30.00,MUG,true,,,,,cash,0.00,Clay GmbH,5007,,pos,0.00,` + "\r\n" +
	`#1001,,,,,,,,,,,,,,,,1,,3.00,,true,,,,,,,,,,,0.00,` + "\r\n"

func TestAShopifyExportBecomesOrdersAndTheirArticles(t *testing.T) {
	g := openGate(t)
	same(t, "accounts", []string{
		"orders 7: 4 0 0 3 gift_card=1 no_customer=1 test_order=1",
		"order_items 11: 6 0 0 5 gift_card=2 no_article=1 no_customer=1 test_order=1",
	}, g.export(t, "shopify-orders", "", shopifyOrders))
	same(t, "orders", []string{
		"#1001 ann@example.org 2024-02-21T09:00:00 1034.9 EUR paid web Express 10 - - 2",
		"#1002 +49 170 1 2024-02-22T04:30:00 30 EUR pending pos Pickup 0 - - 6",
		"#1005 bob@example.org 2024-02-24T09:00:00 30 EUR partially_refunded web - 0 - 12.5 9",
		"#1006 bob@example.org 2024-02-25T09:00:00 30 EUR cancelled web - 0 2024-02-25T11:00:00 - 11",
	}, g.rows(t, orderRows))
	same(t, "items", []string{
		"#1001 MUG/1 MUG Clay GmbH 1 30", "#1001 TEA-1/1 TEA-1 Leaf Ltd 2 500", "#1001 TEA-1/2 TEA-1 Leaf Ltd 1 0",
		"#1002 Mug/1 Mug Clay GmbH 1 30", "#1005 MUG/1 MUG Clay GmbH 1 30", "#1006 MUG/1 MUG Clay GmbH 1 30",
	}, g.rows(t, itemRows))
	same(t, "quarantine", []string{
		"order_items 7 Payment Method test_order", "orders 7 Payment Method test_order",
		"order_items 8 Lineitem name gift_card", "orders 8 Lineitem name gift_card", "order_items 9 Lineitem name gift_card",
		"order_items 12 Email no_customer", "orders 12 Email no_customer", "order_items 13 Lineitem name no_article",
	}, g.rows(t, refusedRows))
	same(t, "an order that was cancelled does not count, others do", []string{"#1001 false", "#1002 false", "#1005 false", "#1006 true"},
		g.rows(t, "SELECT order_id, is_void FROM orders_known(TIMESTAMP '2026-12-01') ORDER BY 1"))
	g.twice(t, "shopify-orders", "", shopifyOrders)
	newer := strings.Replace(shopifyOrders, "#1002,,pending", "#1002,,paid", 1)
	same(t, "a newer export", []string{
		"orders 7: 0 1 3 3 gift_card=1 no_customer=1 test_order=1",
		"order_items 11: 0 0 6 5 gift_card=2 no_article=1 no_customer=1 test_order=1",
	}, g.export(t, "shopify-orders", "", newer))
	same(t, "what is known of the order now", []string{"paid"}, g.rows(t, "SELECT status FROM orders_known(TIMESTAMP '2027-12-01') WHERE order_id = '#1002'"))
}

func TestTheOtherExportOfShopifyIsTurnedAwayByName(t *testing.T) {
	g := openGate(t)
	_, err := g.tryExport(t, "shopify-customers", "", shopifyOrders)
	if model.KindOf(err) != model.KindInvalid || !strings.Contains(err.Error(), "the orders export: take --preset shopify-orders") {
		t.Errorf("error %v", err)
	}
}

func TestAShopifyCustomerIsHisEmailPhoneOrNumber(t *testing.T) {
	g := openGate(t)
	const export = "Customer ID,First Name,Last Name,Email,Accepts Email Marketing,Default Address Company,Default Address Address1,Default Address City," +
		"Default Address Province Code,Default Address Country Code,Default Address Zip,Phone,Accepts SMS Marketing,Total Spent,Total Orders,Note,Tax Exempt,Tags\n" +
		"'9013808660771,Ann,Archer,Ann@Example.org ,yes,Acme,Main St 1,Berlin,BE,DE,'10115,'+4930123,no,1034.90,1,likes tea,no,\"vip, newsletter\"\n" +
		"'9013808660772,Bob,,,no,,,,,US,'02134,'+1617555,no,0.00,0,,no,\n" +
		"'9013808660773,,,,no,,,,,,,,no,0.00,0,,no,\n" +
		",,,,,,,,,,,,,,,,,\n" +
		",Eve,,,no,,,,,FR,,,no,0.00,0,,no,\n"
	same(t, "accounts", []string{"customers 5: 3 0 0 2 no_customer=2"}, g.export(t, "shopify-customers", "", export))
	const rows = "SELECT customer_id, first_name, company_id, region, marketing_consent, attributes, signed_up_at FROM customers ORDER BY 1, revision"
	same(t, "customers", []string{
		"+1617555 Bob - US false {\"shopify_id\":\"9013808660772\"} -",
		"9013808660773 - - - false {\"shopify_id\":\"9013808660773\"} -",
		"ann@example.org Ann Acme DE true {\"shopify_id\":\"9013808660771\",\"tags\":\"vip, newsletter\"} -",
	}, g.rows(t, rows))
	same(t, "quarantine", []string{"customers 5 Customer ID no_customer", "customers 6 Customer ID no_customer"}, g.rows(t, refusedRows))
	g.twice(t, "shopify-customers", "", export)
	newer := strings.Replace(export, "Ann@Example.org ,yes", "ann@example.org,no", 1)
	same(t, "a newer export", []string{"customers 5: 0 1 2 2 no_customer=2"}, g.export(t, "shopify-customers", "", newer))
}
