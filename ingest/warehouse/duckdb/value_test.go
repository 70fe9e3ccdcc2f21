package duckdb_test

import (
	"math"
	"testing"

	"github.com/churnwatch/churnwatch/ingest/warehouse/duckdb"
	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/model/btyd"
	"github.com/churnwatch/churnwatch/model/estimate"
)

// worth scores the rich shop with a rhythm and order values.
func worth(t *testing.T, s *duckdb.Store, p model.PurchaseParameters) (map[string]model.Score, model.ScoringSummary) {
	t.Helper()
	return worthBy(t, s, p, inactivity())
}

func worthBy(t *testing.T, s *duckdb.Store, p model.PurchaseParameters, d model.Definition) (map[string]model.Score, model.ScoringSummary) {
	t.Helper()
	parameters := richParameters()
	parameters.Purchases = p
	summary, err := s.Score(t.Context(), model.ScoringQuery{
		AsOf: richEnd, ScoredAt: noon, Definition: d, Features: model.Catalogue(d.Kind), Parameters: parameters,
		Card: model.Scorecard{
			Slope: 1, Level: 0.9, Z: estimate.Quantile(0.9), WidestInterval: 0.5, Remainder: 0.04, Bands: model.Bands{Medium: 0.3, High: 0.6},
			Terms: []model.ScorecardTerm{{Feature: "recency_days", Knots: []float64{0, 40}, Values: []float64{-1, 1}}},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Publish(t.Context(), summary.Run, noon); err != nil {
		t.Fatal(err)
	}
	scores, err := s.Scores(t.Context(), model.ScoreQuery{})
	if err != nil {
		t.Fatal(err)
	}
	by := map[string]model.Score{}
	for _, score := range scores {
		by[score.CustomerID] = score
	}
	return by, summary
}

func TestValueOfTheEngineIsThatOfGo(t *testing.T) {
	s := openRich(t, 200, 2)
	rhythm, values := btyd.Parameters{R: 1.3, Alpha: 61, A: 0.31, B: 3.7}, btyd.SpendParameters{P: 3.1, Q: 4.2, V: 110}
	p := richPurchases(rhythm)
	p.P, p.Q, p.V = values.P, values.Q, values.V
	scores, summary := worth(t, s, p)
	e, err := btyd.NewExpectation(rhythm)
	if err != nil {
		t.Fatal(err)
	}
	known, err := s.Purchases(t.Context(), model.PurchasesQuery{AsOf: richEnd})
	if err != nil {
		t.Fatal(err)
	}
	ids := outlookOf(t, s, richEnd, p).Customers
	if len(ids) != len(known) {
		t.Fatalf("%d customers, %d histories", len(ids), len(known))
	}
	total, own, common := 0.0, 0.0, 0.0
	for i, id := range ids {
		got, k := scores[id], known[i]
		if got.Status != model.StatusOK {
			continue
		}
		h := btyd.History{Repeats: k.Repeats, Last: k.LastDays, Age: k.AgeDays}
		days := btyd.Spend{Orders: k.Repeats + 1, Mean: k.Amount / float64(k.Repeats+1)}
		orders, each := e.OrdersIfAlive(h, 90), values.OrderValue(days)
		kept := e.OrdersIfKept(h, 90) * each
		spread := (1+e.KeptSpread(h, 90))*(1+values.OrderValueSpread(days)) - 1
		low, high := btyd.Interval(kept, spread, 0.9)
		pairs := map[string][2]float64{
			"orders": {orders, *got.ExpectedOrders}, "order value": {each, *got.OrderValue}, "value": {kept, *got.ExpectedValue},
			"low": {low, got.ValueInterval.Low}, "high": {high, got.ValueInterval.High},
			"active": {e.Alive(h), *got.PAlive}, "no order": {e.NoOrder(h, 90), *got.PNoOrder},
			"wait": {e.WaitIfAlive(h, 0.5), model.Days(got.ExpectedNextOrder.Sub(richEnd))},
		}
		risk := *got.ChurnProbability
		// The error of the log-odds is that of the remainder, 0.2.
		low, high = btyd.Interval(risk*kept, (1+spread)*(1+math.Pow((1-risk)*0.2, 2))-1, 0.9)
		pairs["risk low"], pairs["risk high"] = [2]float64{low, got.RevenueInterval.Low}, [2]float64{high, got.RevenueInterval.High}
		for what, pair := range pairs {
			if !agree(pair[0], pair[1]) && !(what == "wait" && math.Abs(pair[0]-pair[1]) < 1e-9*pair[0]+1e-10) {
				t.Errorf("%s of %s: want %v, got %v", what, id, pair[0], pair[1])
			}
		}
		if *got.ValueBasis != model.ByPurchases {
			t.Errorf("value of %s by %s", id, *got.ValueBasis)
		}
		total += *got.RevenueAtRisk
		own += math.Pow((high-low)/(2*estimate.Quantile(0.9)), 2)
		common += *got.RevenueAtRisk * (1 - risk) * 0.2
	}
	margin := estimate.Quantile(0.9) * math.Sqrt(own+common*common)
	if math.Abs(*summary.RevenueAtRisk-total) > 1e-3 || math.Abs(summary.RevenueAtRiskInterval.High-total-margin) > 1e-2 {
		t.Errorf("the shop's revenue at risk: want %v and %v more at most, got %v and %+v", total, margin, *summary.RevenueAtRisk, *summary.RevenueAtRiskInterval)
	}
}

func TestWithoutAFitAValueIsTheShopsAverageAndSaysSo(t *testing.T) {
	s := openRich(t, 60, 1)
	scores, summary := worth(t, s, model.PurchaseParameters{})
	for id, got := range scores {
		if got.Status != model.StatusOK {
			continue
		}
		if *got.ValueBasis != model.ByShopAverage || got.ValueInterval != nil || got.RevenueInterval != nil || got.PAlive != nil || got.ExpectedNextOrder == nil {
			t.Errorf("%s: by %s, intervals %v and %v, next order %v", id, *got.ValueBasis, got.ValueInterval, got.RevenueInterval, got.ExpectedNextOrder)
		}
	}
	if summary.RevenueAtRisk == nil || summary.RevenueAtRiskInterval != nil {
		t.Errorf("want a sum without an interval, got %v, %v", summary.RevenueAtRisk, summary.RevenueAtRiskInterval)
	}
}

// A contract's price over the horizon is certain and counts beside the orders:
// one small order does not take its place. Nothing tells how far a price alone
// is kept to.
func TestAContractIsWorthItsPriceAndTheOrdersBesideIt(t *testing.T) {
	s := openRich(t, 60, 1)
	if err := s.Exec(t.Context(), `
DELETE FROM contracts;
INSERT INTO contracts BY NAME
SELECT 'k-' || c AS contract_id, c AS customer_id, TIMESTAMP '2026-01-15' AS started_at, TIMESTAMP '2026-06-15' AS renews_at,
  'monthly' AS term, 90 AS price, TIMESTAMP '2026-01-15' AS known_at, known_at AS recorded_at, known_at AS settled_at,
  0 AS revision, 0 AS tie, 0 AS row_hash, 1 AS load_id, 1 AS source_line
FROM (VALUES ('both'), ('price')) AS t(c);
INSERT INTO orders BY NAME
SELECT 'o-both' AS order_id, 'both' AS customer_id, TIMESTAMP '2026-02-01' AS ordered_at, 5 AS amount,
  ordered_at AS known_at, ordered_at AS recorded_at, ordered_at AS settled_at, 0 AS revision, 0 AS tie, 0 AS row_hash, 1 AS load_id, 1 AS source_line`); err != nil {
		t.Fatal(err)
	}
	p := richPurchases(btyd.Parameters{R: 1.3, Alpha: 61, A: 0.31, B: 3.7})
	p.P, p.Q, p.V = 3.1, 4.2, 110
	cancellation := model.Definition{Kind: model.Cancellation, Horizon: 90 * model.Day, Lookback: inactivity().Lookback}
	scores, _ := worthBy(t, s, p, cancellation)
	both, price := scores["both"], scores["price"]
	if *price.ExpectedValue != 270 || *price.ValueBasis != model.ByContract || price.ValueInterval != nil || price.RevenueInterval != nil {
		t.Errorf("a price alone is worth %v by %s, with the intervals %v and %v", *price.ExpectedValue, *price.ValueBasis, price.ValueInterval, price.RevenueInterval)
	}
	orders := *both.ExpectedOrders * *both.OrderValue
	e, err := btyd.NewExpectation(btyd.Parameters{R: 1.3, Alpha: 61, A: 0.31, B: 3.7})
	if err != nil {
		t.Fatal(err)
	}
	days := btyd.Spend{Orders: 1, Mean: 5}
	spread := (1+e.OrdersSpread(btyd.History{Age: 28}))*(1+btyd.SpendParameters{P: 3.1, Q: 4.2, V: 110}.OrderValueSpread(days)) - 1
	low, high := btyd.Interval(orders, spread, 0.9)
	if *both.ValueBasis != model.ByContractAndPurchases || !agree(270+orders, *both.ExpectedValue) ||
		!agree(270+low, both.ValueInterval.Low) || !agree(270+high, both.ValueInterval.High) {
		t.Errorf("a price of 270 and orders of %v (%v to %v) are worth %v by %s, %+v",
			orders, low, high, *both.ExpectedValue, *both.ValueBasis, both.ValueInterval)
	}
	risk, part := *both.ChurnProbability, orders/(270+orders)
	// The error of the log-odds is that of the remainder, 0.2.
	low, high = btyd.Interval(risk*(270+orders), (1+spread*part*part)*(1+math.Pow((1-risk)*0.2, 2))-1, 0.9)
	if !agree(low, both.RevenueInterval.Low) || !agree(high, both.RevenueInterval.High) {
		t.Errorf("revenue at risk: want %v to %v, got %+v", low, high, both.RevenueInterval)
	}
	scores, _ = worthBy(t, s, model.PurchaseParameters{}, cancellation)
	if got := scores["both"]; *got.ValueBasis != model.ByContractAndShopAverage || *got.ExpectedValue <= 270 || got.ValueInterval != nil {
		t.Errorf("by the shop's average: %v by %s, %+v", *got.ExpectedValue, *got.ValueBasis, got.ValueInterval)
	}
}
