package scoring_test

import (
	"context"
	"math"
	"testing"

	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/model/additive"
	"github.com/churnwatch/churnwatch/model/btyd"
	"github.com/churnwatch/churnwatch/model/estimate"
	"github.com/churnwatch/churnwatch/scoring"
)

// lateness is a predictor of log-odds -1 and one more for each of up to two
// late deliveries, known exactly.
func lateness() *additive.Predictor {
	return &additive.Predictor{
		Base: -1, Calibration: additive.Calibration{Slope: 1},
		Terms: []additive.Term{{Name: "late_90d", Knots: []float64{0, 2}, Values: []float64{0, 2}}},
	}
}

// With a predictor that is known exactly nothing but the customers' values
// leaves open what their change comes to.
func TestWhatValuesLeaveOpenWidensTheRevenueOfAWhatIf(t *testing.T) {
	counts, worth, variance := []float64{1, 2, 1}, []float64{100, 40, 10}, []float64{2500, 900, 0}
	got, err := scoring.FewerIncidents(lateness(), counts, worth, variance, 1)
	if err != nil {
		t.Fatal(err)
	}
	p := func(l float64) float64 { return 1 / (1 + math.Exp(-l)) }
	one, two := p(0)-p(-1), p(1)-p(-1)
	value, se := 110*one+40*two, math.Sqrt(2500*one*one+900*two*two)
	z := estimate.Quantile(0.95)
	r := got.Revenue
	near := func(what string, want, got float64) {
		t.Helper()
		if math.Abs(want-got) > 1e-9 {
			t.Errorf("%s: want %v, got %v", what, want, got)
		}
	}
	near("revenue", value, r.Value)
	near("standard error", se, *r.StandardError)
	near("low", value-z*se, *r.Low)
	near("high", value+z*se, *r.High)
	if c := got.Churn.Customers; c.StandardError != 0 {
		t.Errorf("customers: %+v", c)
	}
	if half, err := scoring.FewerIncidents(lateness(), counts, worth, variance, 0.5); err != nil || *half.Revenue.StandardError >= se {
		t.Errorf("half of them: %+v, %v", half.Revenue, err)
	}
	none, err := scoring.FewerIncidents(lateness(), counts, worth, nil, 1)
	if r := none.Revenue; err != nil || r.Value != got.Revenue.Value || r.Low != nil || r.High != nil || r.StandardError != nil || len(r.Warnings) == 0 {
		t.Errorf("want no interval and the reason where a spread is not known: %+v, %v", r, err)
	}
}

// till is a warehouse with published scores.
type till struct {
	model.Warehouse

	scores []model.Score
}

func (w till) Snapshot(context.Context) (model.Snapshot, error) {
	return model.Snapshot{AsOf: snapshotAt}, nil
}

func (w till) Scores(context.Context, model.ScoreQuery) ([]model.Score, error) { return w.scores, nil }

// valued is a score with a value of this spread, and its intervals.
func valued(id string, value, spread float64) model.Score {
	low, high := btyd.Interval(value, spread, 0.9)
	const probability, se = 0.4, 0.3
	logit := math.Log(probability / (1 - probability))
	end := func(z float64) float64 { return 1 / (1 + math.Exp(-logit-z*se)) }
	z := estimate.Quantile(0.9)
	least, most := btyd.Interval(probability*value, (1+spread)*(1+math.Pow((1-probability)*se, 2))-1, 0.9)
	return model.Score{
		CustomerID: id, ExpectedValue: &value, ValueInterval: &model.Interval{Low: low, High: high, Level: 0.9},
		ChurnProbability: new(probability), Interval: &model.Interval{Low: end(-z), High: end(z), Level: 0.9},
		RevenueAtRisk: new(probability * value), RevenueInterval: &model.Interval{Low: least, High: most, Level: 0.9},
	}
}

// The intervals of published values tell their variances, also where the low
// end is 0.
func TestTheVarianceOfAWorthIsReadOffItsInterval(t *testing.T) {
	spreads := map[string]float64{"ada": 0.3, "bob": 3, "cy": 5.5}
	w, customers := till{}, []string{"ada", "bob", "cy", "dan"}
	for id, spread := range spreads {
		w.scores = append(w.scores, valued(id, 50, spread))
	}
	worth, variance, err := scoring.WorthsAsOf(t.Context(), w, customers, snapshotAt)
	if err != nil {
		t.Fatal(err)
	}
	for i, id := range customers {
		want := 2500 * spreads[id]
		if math.Abs(variance[i]-want) > 1e-6*(1+want) || (worth[i] == 50) != (want > 0) {
			t.Errorf("%s is worth %v with a variance of %v, want %v", id, worth[i], variance[i], want)
		}
	}
	sure := valued("ada", 50, 0.3)
	*sure.ExpectedValue += 300 // of a contract
	sure.ValueInterval.Low, sure.ValueInterval.High = sure.ValueInterval.Low+300, sure.ValueInterval.High+300
	sure.ValueBasis, sure.ExpectedOrders, sure.OrderValue = new(model.ByContractAndPurchases), new(2.5), new(20.0)
	_, alone, err := scoring.WorthsAsOf(t.Context(), till{scores: []model.Score{sure}}, customers[:1], snapshotAt)
	if err != nil || math.Abs(alone[0]-2500*0.3) > 1e-6 {
		t.Errorf("beside a contract: variance %v, %v", alone, err)
	}
	w.scores = append(w.scores, model.Score{CustomerID: "dan", ExpectedValue: new(20.0)})
	if worth, variance, err = scoring.WorthsAsOf(t.Context(), w, customers, snapshotAt); err != nil || variance != nil || worth[3] != 20 {
		t.Errorf("without the interval of one value: worth %v, variances %v, %v", worth, variance, err)
	}
}
