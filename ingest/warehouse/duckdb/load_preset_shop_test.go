package duckdb_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/churnwatch/churnwatch/ingest"
	"github.com/churnwatch/churnwatch/ingest/preset"
	"github.com/churnwatch/churnwatch/model"
)

// The columns stand in another order than the documentation's, and one is a
// plugin's own. A guest is 0; articles come packed, in columns of their own, or
// with a gap in the numbers.
const wooOrders = "order_id,status,order_date,paid_date,payment_method,order_total,order_currency,discount_total,shipping_method,customer_id,customer_email," +
	"billing_email,billing_company,billing_country,refund_items,customer_ip_address,meta:_custom,line_item_1,line_item_2,line_item_3," +
	"Product Item 1 Name,Product Item 1 id,Product Item 1 SKU,Product Item 1 Quantity,Product Item 1 Total,Product Item 3 SKU,Product Item 3 Quantity,Product Item 3 Total\n" +
	"71,wc-completed,2024-07-01 10:00:00,2024-07-01 10:01:00,stripe,\"1,039.00\",eur,5.00,Flat rate,12,Ann@Example.org,ann.bill@example.org,Acme,DE,,1.2.3.4,x," +
	"name:Tea|product_id:7|sku:TEA|quantity:2|total:20.00|sub_total:25.00,name:Mug|product_id:8|sku:|quantity:1|total:19.00|sub_total:19.00,,,,,,,,,\n" +
	"72,processing,2024-01-02 10:00:00,,cod,30.00,EUR,0,Local pickup,0,,Guest@Example.org,,AT,,1.2.3.4,,,,,Tea,7,TEA,3,30.00,MUG,2,38.00\n" +
	"73,refunded,2024-01-03 10:00:00,2024-01-03 10:00:00,stripe,10.00,EUR,0,,0,,guest@example.org,,AT,amount:10.00|reason:late|date:2024-01-05 10:00:00,,,name:Tea|product_id:7|sku:TEA|quantity:1|total:10.00,,,,,,,,,,\n" +
	"74,completed,2024-01-04 10:00:00,2024-01-04 10:00:00,stripe,10.00,EUR,0,,5,,,,FR,amount:-2.50|reason:|date:2024-01-05 10:00:00,,,,,,,,,,,,,\n" +
	"75,failed,2024-01-05 10:00:00,,stripe,10.00,EUR,0,,12,ann@example.org,,,DE,,,,name:Tea|product_id:7|sku:TEA|quantity:1|total:10.00,name:Mug|sku:MUG|quantity:1|total:1,,,,,,,,,\n" +
	"76,on-hold,2024-01-06 10:00:00,,bacs,10.00,EUR,0,,12,ann@example.org,,,DE,,,,,,,,,,,,,,\n" +
	"77,cancelled,2024-01-07 10:00:00,2024-01-07 10:00:00,stripe,10.00,EUR,0,,12,ann@example.org,,,DE,,,,,,,,,,,,,,\n" +
	"78,completed,2024-01-08 10:00:00,2024-01-08 10:00:00,stripe,10.00,EUR,0,,0,,,,DE,,,,name:Tea|sku:TEA|quantity:1|total:10.00,,,,,,,,,,\n"

func TestAWooCommerceExportBecomesOrdersOfGuestsToo(t *testing.T) {
	g := openGate(t)
	same(t, "accounts", []string{
		"customers 3: 3 0 0 0",
		"orders 8: 5 0 0 3 no_customer=1 not_paid=2",
		"order_items 8: 5 0 0 3 no_customer=1 not_paid=2",
	}, g.export(t, "woocommerce-orders", "Europe/Berlin", wooOrders))
	same(t, "orders, in the zone's time", []string{
		"71 ann@example.org 2024-07-01T08:00:00 1039 EUR completed - Flat rate 5 - - 2",
		"72 guest@example.org 2024-01-02T09:00:00 30 EUR processing - Local pickup 0 - - 3",
		"73 guest@example.org 2024-01-03T09:00:00 10 EUR refunded - - 0 - 10 4",
		"74 5 2024-01-04T09:00:00 10 EUR completed - - 0 - 2.5 5",
		"77 ann@example.org 2024-01-07T09:00:00 10 EUR cancelled - - 0 - - 8",
	}, g.rows(t, orderRows))
	same(t, "items", []string{
		"71 1 TEA - 2 10", "71 2 8 - 1 19", "72 1 TEA - 3 10", "72 3 MUG - 2 19", "73 1 TEA - 1 10",
	}, g.rows(t, itemRows))
	same(t, "customers", []string{"5 FR -", "ann@example.org DE Acme", "guest@example.org AT -"},
		g.rows(t, "SELECT customer_id, region, company_id FROM customers ORDER BY 1"))
	same(t, "quarantine", []string{
		"order_items 6 status not_paid", "order_items 6 status not_paid", "orders 6 status not_paid", "orders 7 status not_paid",
		"order_items 9 billing_email no_customer", "orders 9 billing_email no_customer",
	}, g.rows(t, refusedRows))
	g.twice(t, "woocommerce-orders", "Europe/Berlin", wooOrders)
	newer := strings.Replace(wooOrders, "76,on-hold,2024-01-06 10:00:00,,bacs", "76,processing,2024-01-06 10:00:00,2024-01-09 12:00:00,bacs", 1)
	newer = strings.Replace(newer, "72,processing", "72,completed", 1)
	same(t, "a newer export", []string{
		"customers 3: 0 0 3 0", "orders 8: 1 1 4 2 no_customer=1 not_paid=1", "order_items 8: 0 0 5 3 no_customer=1 not_paid=2",
	}, g.export(t, "woocommerce-orders", "Europe/Berlin", newer))
}

// An export without paid_date: what was an order is told when it is none any more;
// what never was one stays none, whichever way the files come.
func TestAWooCommerceOrderThatIsCancelledLaterCountsNoMore(t *testing.T) {
	const head = "order_id,status,order_date,order_total,billing_email,line_item_1\n"
	order := func(id, status string) string {
		return id + "," + status + ",2024-01-01 10:00:00,5,a@b.example,name:Tea|sku:TEA|quantity:1|total:5\n"
	}
	before := head + order("1", "processing") + order("2", "on-hold") + order("3", "completed") + order("4", "processing") + order("5", "wc-processing")
	after := head + order("1", "cancelled") + order("2", "cancelled") + order("3", "completed") + order("4", "wc-failed") + order("5", "trash") + order("6", "failed")
	void := []string{"1 cancelled true", "3 completed false", "4 failed true", "5 cancelled true"}
	const known = "SELECT order_id, status, is_void FROM orders_known(TIMESTAMP '2030-01-01') ORDER BY 1"
	g := openGate(t)
	same(t, "before", []string{"customers 1: 1 0 0 0", "orders 5: 4 0 0 1 not_paid=1", "order_items 5: 4 0 0 1 not_paid=1"}, g.export(t, "woocommerce-orders", "", before))
	same(t, "after", []string{"customers 1: 0 0 1 0", "orders 6: 0 3 1 2 not_paid=2", "order_items 6: 0 0 4 2 not_paid=2"}, g.export(t, "woocommerce-orders", "", after))
	same(t, "orders", void, g.rows(t, known))
	g.twice(t, "woocommerce-orders", "", after)
	at := openGate(t)
	same(t, "both at once", []string{"customers 1: 1 0 0 0", "orders 11: 4 3 1 3 not_paid=3", "order_items 11: 4 0 4 3 not_paid=3"},
		at.export(t, "woocommerce-orders", "", before, after))
	same(t, "orders", void, at.rows(t, known))
	at.twice(t, "woocommerce-orders", "", before, after)
}

func TestTheArticlesOfAnOrderKeepTheirLinesOverChunks(t *testing.T) {
	g := openGate(t)
	g.inChunks(t, 1)
	same(t, "accounts", []string{
		"customers 3: 3 0 0 0",
		"orders 8: 5 0 0 3 no_customer=1 not_paid=2",
		"order_items 8: 5 0 0 3 no_customer=1 not_paid=2",
	}, g.export(t, "woocommerce-orders", "Europe/Berlin", wooOrders))
	same(t, "items", []string{"71 1 2", "71 2 2", "72 1 3", "72 3 3", "73 1 4"}, g.rows(t, "SELECT order_id, line, source_line FROM order_items ORDER BY ALL"))
	same(t, "quarantine", []string{"6 75,failed", "6 75,failed", "9 78,comple"},
		g.rows(t, "SELECT line, substring(raw, 1, 9) FROM quarantine WHERE kind = 'order_items' ORDER BY line"))
	g.twice(t, "woocommerce-orders", "Europe/Berlin", wooOrders)
}

func TestWooCommerceWithoutTheColumnsOfArticlesHasOrdersAlone(t *testing.T) {
	g := openGate(t)
	same(t, "accounts", []string{"customers 1: 1 0 0 0", "orders 1: 1 0 0 0", "order_items 0: 0 0 0 0"},
		g.export(t, "woocommerce-orders", "", "order_date;order_id;status;order_total;billing_email\n2024-01-02 10:00:00;1;completed;5;a@b.example\n"))
	_, err := g.tryExport(t, "woocommerce-orders", "", "order_date,order_id,status,order_total\n2024-01-02,1,completed,5\n")
	if err == nil || !strings.Contains(err.Error(), "orders lacks one of customer_email, billing_email, customer_id") {
		t.Errorf("without anybody: %v", err)
	}
}

func TestStripePaymentsBecomeOrdersAndFailures(t *testing.T) {
	g := openGate(t)
	const export = "id,Created date (UTC),Amount,Amount Refunded,Currency,Captured,Fee,Status,Mode,Customer Email,Customer ID,plan (metadata)\n" +
		"ch_1,2026-06-05 20:38:34,\"1,000.00\",0.00,eur,true,1.20,Paid,Live,Ann@Example.org,cus_1,pro\n" +
		"ch_2,2026-06-06 20:38:34,20.00,20.00,usd,true,1.20,Refunded,Live,,cus_2,\n" +
		"ch_3,2026-06-07 20:38:34,20.00,5.00,usd,true,1.20,Paid,Live,,cus_2,\n" +
		"ch_4,2026-06-08 20:38:34,\"2,020.00\",0.00,usd,false,0,Failed,Live,ann@example.org,cus_1,\n" +
		"ch_5,2026-06-08 20:38:34,9.00,0.00,usd,true,0,Paid,Test,ann@example.org,cus_1,\n" +
		"ch_6,2026-06-08 20:38:34,9.00,0.00,usd,false,0,Paid,Live,ann@example.org,cus_1,\n" +
		"ch_7,2026-06-08 20:38:34,9.00,0.00,usd,true,0,Pending,Live,ann@example.org,cus_1,\n" +
		"ch_8,2026-06-08 20:38:34,9.00,0.00,usd,true,0,Paid,Live,,,\n"
	same(t, "accounts", []string{
		"orders 7: 3 0 0 4 no_customer=1 not_paid=2 test_order=1", "events 1: 1 0 0 0",
	}, g.export(t, "stripe-charges", "", export))
	same(t, "orders", []string{
		"ch_1 ann@example.org 2026-06-05T20:38:34 1000 EUR paid - - - - - 2",
		"ch_2 cus_2 2026-06-06T20:38:34 20 USD refunded - - - - 20 3",
		"ch_3 cus_2 2026-06-07T20:38:34 20 USD paid - - - - 5 4",
	}, g.rows(t, orderRows))
	same(t, "events", []string{"ch_4 ann@example.org 2026-06-08T20:38:34 payment_failed 2020"},
		g.rows(t, "SELECT event_id, customer_id, occurred_at, name, value FROM events"))
	same(t, "quarantine", []string{
		"orders 6 Mode test_order", "orders 7 Captured not_paid", "orders 8 Status not_paid", "orders 9 Customer Email no_customer",
	}, g.rows(t, refusedRows))
	g.twice(t, "stripe-charges", "", export)
	newer := strings.NewReplacer("Pending", "Paid", "ch_1,2026-06-05 20:38:34,\"1,000.00\",0.00", "ch_1,2026-06-05 20:38:34,\"1,000.00\",100.00").Replace(export)
	same(t, "a newer export", []string{
		"orders 7: 1 1 2 3 no_customer=1 not_paid=1 test_order=1", "events 1: 0 0 1 0",
	}, g.export(t, "stripe-charges", "", newer))
}

func TestStripePaymentsAreOfOneCustomerWithAndWithoutAnAddressByHisNumber(t *testing.T) {
	const export = "id,Created date (UTC),Amount,Currency,Status,Customer Email,Customer ID\n" +
		"ch_1,2026-06-05 20:38:34,10.00,eur,Paid,ann@example.org,cus_A1\nch_2,2026-06-06 20:38:34,20.00,eur,Paid,,cus_A1\n"
	p, err := preset.Open("stripe-charges")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		mapped map[string]string
		want   []string
	}{
		{nil, []string{"ch_1 ann@example.org", "ch_2 cus_A1"}},
		{map[string]string{"email": "Customer ID"}, []string{"ch_1 cus_a1", "ch_2 cus_a1"}},
	} {
		g := openGate(t)
		if _, err := g.Import(t.Context(), ingest.Request{Preset: p, Map: c.mapped, Files: []ingest.Input{ingest.Stream("export", strings.NewReader(export))}}); err != nil {
			t.Fatal(err)
		}
		same(t, fmt.Sprint(c.mapped), c.want, g.rows(t, "SELECT order_id, customer_id FROM orders ORDER BY 1"))
	}
}

func TestStripeChargesOfTheAPIAreInTheSmallestUnits(t *testing.T) {
	g := openGate(t)
	const charges = `{"id":"ch_1","object":"charge","amount":1999,"amount_refunded":500,"currency":"eur","captured":true,"created":1704448800,"livemode":true,"status":"succeeded","customer":"cus_1","billing_details":{"email":"Ann@Example.org"},"receipt_email":null}
{"id":"ch_2","object":"charge","amount":1999,"amount_refunded":0,"currency":"jpy","captured":true,"created":1704448801,"livemode":true,"status":"succeeded","customer":"cus_2","billing_details":{"email":null},"receipt_email":null}
{"id":"ch_3","object":"charge","amount":1999,"amount_refunded":0,"currency":"kwd","captured":true,"created":1704448802,"livemode":true,"status":"failed","customer":"cus_2","billing_details":{},"receipt_email":"bob@example.org"}
{"id":"ch_4","object":"charge","amount":1999,"amount_refunded":0,"currency":"eur","captured":true,"created":1704448803,"livemode":false,"status":"succeeded","customer":"cus_2","billing_details":{},"receipt_email":null}
`
	same(t, "accounts", []string{"orders 3: 2 0 0 1 test_order=1", "events 1: 1 0 0 0"}, g.export(t, "stripe-charges", "", charges))
	same(t, "orders", []string{
		"ch_1 ann@example.org 2024-01-05T10:00:00 19.99 EUR paid - - - - 5 1",
		"ch_2 cus_2 2024-01-05T10:00:01 1999 JPY paid - - - - - 2",
	}, g.rows(t, orderRows))
	same(t, "events", []string{"ch_3 bob@example.org 2024-01-05T10:00:02 payment_failed 1.999"},
		g.rows(t, "SELECT event_id, customer_id, occurred_at, name, value FROM events"))
	g.twice(t, "stripe-charges", "", charges)
}

func TestWhatStripePaysOutIsNoPayment(t *testing.T) {
	g := openGate(t)
	_, err := g.tryExport(t, "stripe-charges", "", "id,Amount,Created (UTC),Currency,Livemode,Arrival Date (UTC),Status\npo_1,10.00,2026-06-05 20:38:34,eur,true,2026-06-08,paid\n")
	if model.KindOf(err) != model.KindInvalid || !strings.Contains(err.Error(), "not of preset stripe-charges but the payouts: they are what Stripe pays to you; export Payments instead") {
		t.Errorf("payouts: %v", err)
	}
	_, err = g.tryExport(t, "stripe-charges", "", "id,Created date (UTC),Amount,Status\nch_1,2026-06-05 20:38:34,10.00,Paid\n")
	if err == nil || !strings.Contains(err.Error(), "payments lacks one of Customer Email, Customer ID, billing_details") {
		t.Errorf("without a customer: %v", err)
	}
	same(t, "nothing was loaded", []string{"0"}, g.rows(t, "SELECT count(*) FROM orders"))
}
