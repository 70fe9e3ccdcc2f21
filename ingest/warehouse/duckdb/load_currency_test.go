package duckdb_test

import (
	"log/slog"
	"strings"
	"testing"

	"github.com/churnwatch/churnwatch/ingest"
	"github.com/churnwatch/churnwatch/model"
)

// countsIn makes an importer for a shop whose amounts are in one currency.
func (g *gate) countsIn(t *testing.T, currency string) *gate {
	t.Helper()
	importer, err := ingest.New(g.store, ingest.Options{Spool: g.spool, Clock: clock, Logger: slog.New(slog.DiscardHandler), Currency: currency})
	if err != nil {
		t.Fatal(err)
	}
	g.Importer = importer
	return g
}

func TestOrdersInAnotherCurrencyAreRefusedAndNotAddedUp(t *testing.T) {
	const orders = "order_id,customer_id,ordered_at,amount,currency\n" +
		"1,a,2024-01-01,10,EUR\n2,a,2024-01-02,10,eur\n3,a,2024-01-03,10,\n4,a,2024-01-04,10,USD\n5,b,2024-01-05,1999,JPY\n6,b,2024-01-06,9,usd\n"
	g := openGate(t).countsIn(t, "EUR")
	request := ingest.Request{Kind: model.Orders, Files: []ingest.Input{ingest.Stream("orders.csv", strings.NewReader(orders))}}
	reports, err := g.Import(t.Context(), request)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "accounts", []string{"orders 6: 3 0 0 3 other_currency=3"}, accounts(t, reports))
	same(t, "warnings", []string{
		"orders were refused since amounts are counted in EUR: 2 in USD, 1 in JPY. If the shop's currency is USD, set currency: USD (or CHURNWATCH_CURRENCY=USD) " +
			"and import again; else convert the amounts",
	}, reports[0].Warnings)
	same(t, "quarantine", []string{
		`5 currency other_currency "USD" is not EUR: set currency in the configuration if it is not the shop's, else convert the amounts`,
		`6 currency other_currency "JPY" is not EUR: set currency in the configuration if it is not the shop's, else convert the amounts`,
		`7 currency other_currency "usd" is not EUR: set currency in the configuration if it is not the shop's, else convert the amounts`,
	}, g.rows(t, "SELECT line, column_name, reason, detail FROM quarantine ORDER BY line"))
	same(t, "sum", []string{"30"}, g.rows(t, "SELECT CAST(sum(amount) AS DOUBLE) FROM orders"))
}

// What is made of a refused order goes with it: no item without its order, no
// customer without one.
func TestWhatIsMadeOfAnOrderInAnotherCurrencyIsRefusedWithIt(t *testing.T) {
	t.Run("woocommerce-orders", func(t *testing.T) {
		const head = "order_id,status,order_date,order_total,order_currency,billing_email,line_item_1\n"
		const tail = ",name:Tea|sku:TEA|quantity:1|total:5\n"
		g := openGate(t).countsIn(t, "EUR")
		same(t, "accounts", []string{"customers 1: 1 0 0 0", "orders 2: 1 0 0 1 other_currency=1", "order_items 2: 1 0 0 1 other_currency=1"},
			g.export(t, "woocommerce-orders", "", head+"1,completed,2024-01-01,5,eur,a@b.example"+tail+"2,completed,2024-01-02,5,USD,c@d.example"+tail))
	})
	t.Run("shopify-orders", func(t *testing.T) {
		g := openGate(t).countsIn(t, "USD")
		_, err := g.tryExport(t, "shopify-orders", "", shopifyOrders)
		if err == nil || !strings.Contains(err.Error(), "set currency: EUR (or CHURNWATCH_CURRENCY=EUR) and import again") {
			t.Errorf("all in another currency: %v", err)
		}
		same(t, "stored", []string{"0 0"}, g.rows(t, "SELECT (SELECT count(*) FROM orders), (SELECT count(*) FROM order_items)"))
		same(t, "once it is set", []string{
			"orders 7: 4 0 0 3 gift_card=1 no_customer=1 test_order=1",
			"order_items 11: 6 0 0 5 gift_card=2 no_article=1 no_customer=1 test_order=1",
		}, g.countsIn(t, "EUR").export(t, "shopify-orders", "", shopifyOrders))
	})
	t.Run("stripe-charges", func(t *testing.T) {
		const export = "id,Created date (UTC),Amount,Currency,Status,Customer Email\n" +
			"ch_1,2026-06-05 20:38:34,10.00,eur,Paid,a@b.example\nch_2,2026-06-06 20:38:34,1999,jpy,Paid,a@b.example\n"
		g := openGate(t).countsIn(t, "EUR")
		same(t, "accounts", []string{"orders 2: 1 0 0 1 other_currency=1", "events 0: 0 0 0 0"}, g.export(t, "stripe-charges", "", export))
	})
}
