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
	parameters := richParameters()
	parameters.Purchases = p
	summary, err := s.Score(t.Context(), model.ScoringQuery{
		AsOf: richEnd, ScoredAt: noon, Definition: inactivity(), Features: model.Catalogue(model.Inactivity), Parameters: parameters,
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
		spread := (1+e.OrdersSpread(h))*(1+values.OrderValueSpread(days)) - 1
		low, high := btyd.Interval(orders*each, spread, 0.9)
		pairs := map[string][2]float64{
			"orders": {orders, *got.ExpectedOrders}, "order value": {each, *got.OrderValue}, "value": {orders * each, *got.ExpectedValue},
			"low": {low, got.ValueInterval.Low}, "high": {high, got.ValueInterval.High},
			"active": {e.Alive(h), *got.PAlive}, "no order": {e.NoOrder(h, 90), *got.PNoOrder},
			"wait": {e.WaitIfAlive(h, 0.5), model.Days(got.ExpectedNextOrder.Sub(richEnd))},
		}
		risk := *got.ChurnProbability
		// The error of the log-odds is that of the remainder, 0.2.
		low, high = btyd.Interval(risk*orders*each, (1+spread)*(1+math.Pow((1-risk)*0.2, 2))-1, 0.9)
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
