//go:build realdata

package duckdb_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/churnwatch/churnwatch/ingest"
	"github.com/churnwatch/churnwatch/ingest/preset"
	"github.com/churnwatch/churnwatch/model"
)

// realFiles returns the files of a real data set, or skips loudly.
func realFiles(t *testing.T, pattern string) []ingest.Input {
	t.Helper()
	root := os.Getenv("REALDATA")
	if root == "" {
		root = "../../../../shared/data"
	}
	paths, err := filepath.Glob(filepath.Join(root, pattern))
	if err != nil {
		t.Fatal(err)
	}
	if len(paths) == 0 {
		t.Skipf("SKIPPED: no file %s in %s: nothing was checked against it", pattern, root)
	}
	files := make([]ingest.Input, len(paths))
	for i, p := range paths {
		files[i] = ingest.File(p)
	}
	return files
}

// takeUnit imports the files of a preset and returns what the kinds counted:
// read, loaded, unchanged, quarantined.
func takeUnit(t *testing.T, g *gate, name string, files []ingest.Input) map[model.FactKind][4]int64 {
	t.Helper()
	p, err := preset.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	reports, err := g.Import(t.Context(), ingest.Request{Preset: p, Files: files})
	if err != nil {
		t.Fatal(err)
	}
	counts := map[model.FactKind][4]int64{}
	for _, r := range reports {
		if r.Read != r.Loaded+r.Replaced+r.Unchanged+r.Quarantined || r.Replaced != 0 {
			t.Errorf("%s: %+v", name, r)
		}
		counts[r.Kind] = [4]int64{r.Read, r.Loaded, r.Unchanged, r.Quarantined}
	}
	return counts
}

// The counts are those of the data's own description: 541,909 rows, 9,288 of
// them cancellations, 135,080 without a customer; 18,532 orders of 4,338
// customers with a positive quantity and price (Chen, Sain and Guo 2012).
func TestOnlineRetailBecomesOrdersItemsAndReturns(t *testing.T) {
	g := openGate(t)
	files := realFiles(t, "online-retail/online_retail.csv.gz")
	first := takeUnit(t, g, "online-retail", files)
	want := map[model.FactKind][4]int64{
		model.Customers: {4338, 4338, 0, 0}, model.Orders: {18532, 18532, 0, 0},
		model.OrderItems: {532621, 397884, 0, 134737}, model.Events: {9288, 8905, 0, 383},
	}
	if diff := gocmp.Diff(want, first); diff != "" {
		t.Errorf("counts (-want +got):\n%s", diff)
	}
	if read := first[model.OrderItems][0] + first[model.Events][0]; read != 541_909 {
		t.Errorf("%d source rows were read, want 541909", read)
	}
	for query, want := range map[string]string{
		"SELECT count(DISTINCT customer_id) FROM orders": "4338",
		// An order is the sum of its items, to the last digit.
		`SELECT count(*) FROM orders JOIN (SELECT order_id, sum(quantity * unit_price) AS total FROM order_items GROUP BY order_id) USING (order_id)
			WHERE CAST(total AS DECIMAL(18,4)) = amount`: "18532",
		"SELECT count(*) FROM order_items ANTI JOIN orders USING (order_id)": "0",
		// The known total: 8,911,407.904 for lines with a customer, positive quantity and price.
		"SELECT sum(amount) FROM orders":                                                                                                  "8911407.904",
		"SELECT min(ordered_at) || ' ' || max(ordered_at) FROM orders":                                                                    "2010-12-01 08:26:00 2011-12-09 12:50:00",
		"SELECT count(*) FROM events WHERE name = 'return' AND value > 0 AND sku IS NOT NULL":                                             "8905",
		"SELECT region FROM customers WHERE customer_id = '12748'":                                                                        "United Kingdom",
		"SELECT string_agg(reason || ' ' || n, ', ') FROM (SELECT reason, count(*) AS n FROM quarantine GROUP BY reason ORDER BY reason)": "no_customer 135080, price_not_positive 40",
		// Refused rows stand where they say in the file.
		"SELECT line || ' ' || column_name || ' ' || reason FROM quarantine WHERE kind = 'order_items' ORDER BY line LIMIT 1": "624 CustomerID no_customer",
	} {
		if got := g.rows(t, query); len(got) != 1 || strings.TrimRight(got[0], "0") != strings.TrimRight(want, "0") {
			t.Errorf("%s\n\tgives %q, want %q", query, got, want)
		}
	}
	again := map[model.FactKind][4]int64{}
	for kind, c := range want {
		again[kind] = [4]int64{c[0], 0, c[1], c[3]}
	}
	if diff := gocmp.Diff(again, takeUnit(t, g, "online-retail", files)); diff != "" {
		t.Errorf("counts of the second import (-want +got):\n%s", diff)
	}
	if n := g.rows(t, "SELECT count(*) FROM quarantine"); n[0] != "135120" {
		t.Errorf("%s rows in the quarantine after the second import, want 135120", n)
	}
}

func TestOlistBecomesOrdersItemsAndAnswers(t *testing.T) {
	g := openGate(t)
	files := realFiles(t, "olist/*.csv.gz")
	want := map[model.FactKind][4]int64{
		model.Customers: {8016, 8016, 0, 0}, model.Orders: {8135, 8135, 0, 0},
		model.OrderItems: {8365, 8365, 0, 0}, model.Responses: {8225, 8225, 0, 0},
	}
	if diff := gocmp.Diff(want, takeUnit(t, g, "olist", files)); diff != "" {
		t.Errorf("counts (-want +got):\n%s", diff)
	}
	for query, want := range map[string]string{
		"SELECT count(*) FROM orders WHERE status = 'delivered'":                                                   "5172",
		"SELECT count(*) FROM orders WHERE promise_ends_at <> promised_at + INTERVAL 1 DAY OR promised_at IS NULL": "0",
		"SELECT count(*) FROM orders WHERE sampling_weight IS NOT NULL":                                            "0",
		"SELECT count(DISTINCT supplier) > 1000 AND count(category) > 8000 FROM order_items":                       "true",
		"SELECT category FROM order_items WHERE sku = '8cab8abac59158715e0d70a36c807415' LIMIT 1":                  "sports_leisure",
		"SELECT count(*) FROM responses ANTI JOIN customers USING (customer_id)":                                   "0",
	} {
		if got := g.rows(t, query); len(got) != 1 || got[0] != want {
			t.Errorf("%s\n\tgives %q, want %q", query, got, want)
		}
	}
	again := takeUnit(t, g, "olist", files)
	for kind, c := range want {
		if again[kind] != [4]int64{c[0], 0, c[1], c[3]} {
			t.Errorf("second import of %s: %v", kind, again[kind])
		}
	}
}

// By calendar day on delivered orders, lateness known at the answer costs
// -2.085 stars with review_answer_timestamp as the time of the answer; with
// the creation of the survey it would be -2.084. Each answer counts.
func TestOlistAnswersAreDatedSoThatTheyKnowWhatTheCustomerKnew(t *testing.T) {
	g := openGate(t)
	takeUnit(t, g, "olist", realFiles(t, "olist/*.csv.gz"))
	got := g.rows(t, `SELECT count(*), sum(late), round(regr_slope(score, late), 4)
		FROM (
			SELECT r.score, CAST(least(coalesce(o.delivered_at, r.answered_at), r.answered_at) >= o.promise_ends_at AS INTEGER) AS late
			FROM responses r JOIN orders o USING (order_id) WHERE o.status = 'delivered'
		)`)
	if diff := gocmp.Diff([]string{"5240 346 -2.0847"}, got); diff != "" {
		t.Errorf("answers, late ones, stars for late (-want +got):\n%s", diff)
	}
}

func TestTheOlistSampleCarriesItsWeights(t *testing.T) {
	g := openGate(t)
	takeUnit(t, g, "olist-sample", realFiles(t, "olist/*.csv.gz"))
	got := g.rows(t, "SELECT status = 'delivered', min(sampling_weight), max(sampling_weight), count(*) FROM orders GROUP BY 1 ORDER BY 1")
	if diff := gocmp.Diff([]string{"false 1 1 2963", "true 18.65 18.65 5172"}, got); diff != "" {
		t.Errorf("delivered, weights, orders (-want +got):\n%s", diff)
	}
}

func TestAUnitThatLacksATableLoadsNothing(t *testing.T) {
	g := openGate(t)
	p, err := preset.Open("olist")
	if err != nil {
		t.Fatal(err)
	}
	files := realFiles(t, "olist/*.csv.gz")
	for name, c := range map[string]struct {
		files []ingest.Input
		want  string
	}{
		"without the orders": {without(files, "orders_dataset"), "no file is its table orders"},
		"with a stranger":    {append(slices.Clip(files), realFiles(t, "cdnow-sample/*.csv.gz")...), "cdnow_customers_summary.csv.gz: the file is none of preset olist"},
	} {
		_, err := g.Import(t.Context(), ingest.Request{Preset: p, Files: c.files})
		if model.KindOf(err) != model.KindInvalid || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", name, err, c.want)
		}
	}
	if n := g.rows(t, "SELECT (SELECT count(*) FROM customers) + (SELECT count(*) FROM loads)"); n[0] != "0" {
		t.Errorf("%s customers and loads are there", n)
	}
}

func without(files []ingest.Input, part string) []ingest.Input {
	var out []ingest.Input
	for _, f := range files {
		if !strings.Contains(f.Name, part) {
			out = append(out, f)
		}
	}
	return out
}
