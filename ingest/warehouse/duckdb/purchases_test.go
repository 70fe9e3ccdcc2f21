package duckdb_test

import (
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/churnwatch/churnwatch/ingest/warehouse/duckdb"
	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/model/btyd"
)

// rhythms are fits of every sort: usual, nearly without dropout, without any,
// with dropout of one probability, and with rates that hardly differ.
func rhythms() []btyd.Parameters {
	return []btyd.Parameters{
		{R: 1.3, Alpha: 61, A: 0.31, B: 3.7},
		{R: 0.243, Alpha: 30.9, A: 0.793, B: 2.426},
		{R: 0.6, Alpha: 25, A: 0.001, B: 0.4},
		{R: 2.1, Alpha: 90},
		{R: 0.4, Alpha: 9, A: 300, B: 900},
		{R: 800, Alpha: 40_000, A: 1, B: 20},
	}
}

var outlook = []string{"p_alive", "p_no_order", "no_order_log_odds", "expected_orders_horizon"}

func outlookOf(t *testing.T, s *duckdb.Store, asOf time.Time, p model.PurchaseParameters) *model.Panel {
	t.Helper()
	q := model.PanelQuery{
		AsOf: asOf, Definition: inactivity(), Parameters: model.FeatureParameters{Purchases: p},
	}
	q.Definition.Lookback = 10_000 * model.Day
	for _, name := range outlook {
		f, ok := model.FeatureOf(model.Inactivity, name)
		if !ok {
			t.Fatalf("no feature %s", name)
		}
		q.Features = append(q.Features, f)
	}
	panel, err := s.Panel(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	return panel
}

func TestForecastsOfTheEngineAreThoseOfGo(t *testing.T) {
	s := openRich(t, 400, 2)
	// An instant within a day, so that the last order can be of the same day.
	for _, asOf := range []time.Time{richEnd, richEnd.Add(-40*model.Day + 11*time.Hour)} {
		known, err := s.Purchases(t.Context(), model.PurchasesQuery{AsOf: asOf})
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range rhythms() {
			panel := outlookOf(t, s, asOf, richPurchases(p))
			if panel.Rows() != len(known) || len(known) < 300 {
				t.Fatalf("%d rows for %d histories", panel.Rows(), len(known))
			}
			e, err := btyd.NewExpectation(p)
			if err != nil {
				t.Fatal(err)
			}
			for row, k := range known {
				h := btyd.History{Repeats: k.Repeats, Last: k.LastDays, Age: k.AgeDays}
				for i, want := range []float64{e.Alive(h), e.NoOrder(h, 90), e.NoOrderLogOdds(h, 90), e.Orders(h, 90)} {
					if got := panel.Numbers[i][row]; !agree(want, got) {
						t.Errorf("%s of %+v by %+v: want %v, got %v", outlook[i], h, p, want, got)
					}
				}
			}
		}
	}
}

func TestWithoutAFitForecastsAreMissing(t *testing.T) {
	s := openRich(t, 50, 1)
	panel := outlookOf(t, s, richEnd, model.PurchaseParameters{})
	for i, numbers := range panel.Numbers {
		for row, v := range numbers {
			if !math.IsNaN(v) {
				t.Errorf("%s of %s: want none, got %v", outlook[i], panel.Customers[row], v)
			}
		}
	}
}

// Orders of one day count once, void and future ones not at all.
func TestPurchasesAreDaysWithAnOrder(t *testing.T) {
	s, err := duckdb.Open(t.Context(), duckdb.Options{Clock: clock})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	if err := s.Exec(t.Context(), `
INSERT INTO orders BY NAME
SELECT id AS order_id, customer_id, at_ AS ordered_at, amount, cancelled_at,
  at_ AS known_at, at_ AS recorded_at, at_ AS settled_at, 0 AS revision, hash(id) AS tie, hash(id) AS row_hash, 1 AS load_id, 1 AS source_line
FROM (VALUES
  ('1', 'a', TIMESTAMP '2026-01-01 09:00:00', 10, NULL), ('2', 'a', TIMESTAMP '2026-01-01 23:00:00', 5, NULL),
  ('3', 'a', TIMESTAMP '2026-01-11 00:00:00', 7.5, NULL), ('4', 'a', TIMESTAMP '2026-01-20 12:00:00', 99, TIMESTAMP '2026-01-20 13:00:00'),
  ('5', 'a', TIMESTAMP '2026-02-01 00:00:00', 99, NULL), ('6', 'b', TIMESTAMP '2026-01-31 08:00:00', 3, NULL),
  ('7', 'c', TIMESTAMP '2026-02-03 08:00:00', 3, NULL)) AS t(id, customer_id, at_, amount, cancelled_at)`); err != nil {
		t.Fatal(err)
	}
	got, err := s.Purchases(t.Context(), model.PurchasesQuery{AsOf: time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC)})
	if err != nil {
		t.Fatal(err)
	}
	want := []model.PurchaseHistory{{Repeats: 1, LastDays: 10, AgeDays: 31, Amount: 22.5}, {AgeDays: 1, Amount: 3}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
