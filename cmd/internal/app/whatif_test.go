package app_test

import (
	"math"
	"testing"
	"time"

	"github.com/churnwatch/churnwatch/cmd/internal/app"
	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/model/additive"
	"github.com/churnwatch/churnwatch/scoring"
)

// checkWhatIf asks a published snapshot what fewer late deliveries would
// change, and holds the answer for none of them against the predictor itself.
func checkWhatIf(t *testing.T, a *app.App) {
	t.Helper()
	ask := func(reduce float64) model.WhatIf {
		t.Helper()
		w, err := a.Scoring.WhatIf(t.Context(), "late_delivery", reduce, time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		if w.Status.Status != "ok" || w.Churn == nil || w.Revenue == nil || w.ByWeight == nil {
			t.Fatalf("no answer: %+v", w)
		}
		return w
	}
	none, half, all := ask(0), ask(0.5), ask(1)
	if c := none.Churn.Customers; c.Value != 0 || c.StandardError > 1e-6 || none.Revenue.Value != 0 {
		t.Errorf("nothing removed changes %+v, %+v", c, *none.Revenue)
	}
	if half.Removed != float64(half.Incidents)/2 || all.Causal || all.Note == "" || half.Affected == 0 {
		t.Errorf("half: %+v", half)
	}
	if h, w := half.Churn.Customers.Value, all.Churn.Customers.Value; !(w < h && h < 0) {
		t.Errorf("half of the late deliveries change %v customers, all %v", h, w)
	}
	if got, want := all.RevenueAtRisk.Value, -all.Revenue.Value; got != want || all.Revenue.Value <= 0 {
		t.Errorf("revenue %+v, at risk %+v", *all.Revenue, *all.RevenueAtRisk)
	}
	for _, w := range []model.WhatIf{none, half, all} {
		if w.Direct == nil || w.BySatisfaction == nil {
			t.Fatalf("%v fewer: direct %v, by way of satisfaction %v", w.Reduce, w.Direct, w.BySatisfaction)
		}
		both, direct, by := w.Churn.Customers, w.Direct.Churn.Customers, w.BySatisfaction.Churn.Customers
		if math.Abs(direct.Value+by.Value-both.Value) > 1e-9 || math.Abs(w.Direct.Revenue.Value+w.BySatisfaction.Revenue.Value-w.Revenue.Value) > 1e-6 {
			t.Errorf("%v fewer: %v direct and %v by way of satisfaction, together %v", w.Reduce, direct.Value, by.Value, both.Value)
		}
	}
	if by := all.BySatisfaction.Churn.Customers; by.Value == 0 || !(by.StandardError > 0) {
		t.Errorf("by way of satisfaction %+v", by)
	}
	if direct, both, ok := withoutLateDeliveries(t, a); ok {
		near(t, "without late deliveries, direct", direct, all.Direct.Churn.Customers.Value, 1e-9*math.Abs(direct))
		near(t, "with better answers", both, all.Churn.Customers.Value, 1e-6*math.Abs(both))
	} else {
		t.Log("pairs hold late deliveries too: nothing was recounted from the parts")
	}
	if _, err := a.Scoring.WhatIf(t.Context(), "rudeness", 0.5, time.Time{}); model.KindOf(err) != model.KindNotFound {
		t.Errorf("an unknown pain point: %v", err)
	}
	if _, err := a.Scoring.WhatIf(t.Context(), "late_delivery", 1.5, time.Time{}); model.KindOf(err) != model.KindInvalid {
		t.Errorf("more than all: %v", err)
	}
}

func near(t *testing.T, name string, want, got, tolerance float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tolerance) {
		t.Errorf("%s: %v, recounted %v", name, got, want)
	}
}

// withoutLateDeliveries adds up, from the published contributions, what every
// customer's probability would be with the late deliveries' part that of none,
// and then with the parts of satisfaction that would be after better answers;
// ok is false where pairs hold late deliveries too.
func withoutLateDeliveries(t *testing.T, a *app.App) (direct, both float64, ok bool) {
	t.Helper()
	stored, _, err := a.Scoring.Model(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	file, err := scoring.Decode(stored.File)
	if err != nil {
		t.Fatal(err)
	}
	p := file.Risk.Predictor
	part := func(name string, value float64) (float64, bool) {
		for _, term := range p.Terms {
			if term.Name == name {
				return p.Calibration.Slope * term.Contribution(additive.Value{Number: value}), true
			}
		}
		return 0, false
	}
	never, held := part("late_delivery_90d", 0)
	if !held || len(p.Pairs) > 0 {
		return 0, 0, false
	}
	scores, err := a.Store.Scores(t.Context(), model.ScoreQuery{Reasons: -1})
	if err != nil {
		t.Fatal(err)
	}
	better := betterAnswers(t, a, file)
	logistic := func(x float64) float64 { return 1 / (1 + math.Exp(-x)) }
	for _, s := range scores {
		eta, late, answers := p.BaseLogOdds(), 0.0, 0.0
		for _, c := range s.Contributions {
			eta += c.LogOdds
			if c.Name == "late_delivery_90d" {
				late = never - c.LogOdds
			}
			if by, ok := better[s.CustomerID][c.Name]; ok && lateAmong(s.Contributions) {
				then, _ := part(c.Name, c.Value.(float64)+by)
				answers += then - c.LogOdds
			}
		}
		if len(s.Contributions) > 0 {
			direct += logistic(eta+late) - logistic(eta)
			both += logistic(eta+late+answers) - logistic(eta)
		}
	}
	return direct, both, true
}

// lateAmong says whether a customer had a late delivery.
func lateAmong(parts []model.Contribution) bool {
	for _, c := range parts {
		if late, ok := c.Value.(float64); ok && c.Name == "late_delivery_90d" {
			return late > 0
		}
	}
	return false
}

// betterAnswers says by how much each feature of satisfaction would be higher
// if no delivery of the last 90 days had been late, by customer.
func betterAnswers(t *testing.T, a *app.App, file *scoring.File) map[string]map[string]float64 {
	t.Helper()
	answers, err := a.Store.Answers(t.Context(), model.AnswersQuery{
		AsOf: file.AsOf, PainPoints: []string{"late_delivery"}, WindowDays: 90, Since: file.AsOf.Add(-90 * model.Day),
	})
	if err != nil {
		t.Fatal(err)
	}
	weight := 0.0
	for _, w := range file.PainPoints.Weights {
		if w.Name == "late_delivery" {
			weight = w.SatisfactionWeight.Value
		}
	}
	sat := file.Satisfaction.Parameters
	type sums struct{ weights, weighted, year, inYear, last float64 }
	of := map[string]sums{}
	for _, answer := range answers { // oldest first
		low, high, _ := model.ScoreRange(answer.Kind)
		age, lift := model.Days(file.AsOf.Sub(answer.At)), 0.0
		if answer.Incidents[0] > 0 {
			lift = math.Min(100-100*(answer.Score-low)/(high-low), -weight*answer.Incidents[0])
		}
		s, w := of[answer.Customer], math.Exp2(-age/sat.HalfLifeDays)
		s.weights, s.weighted, s.last = s.weights+w, s.weighted+w*lift, lift
		if age <= 365 {
			s.year, s.inYear = s.year+lift, s.inYear+1
		}
		of[answer.Customer] = s
	}
	out := map[string]map[string]float64{}
	for id, s := range of {
		out[id] = map[string]float64{"satisfaction_index": s.weighted / (s.weights + sat.PriorAnswers)}
		if s.inYear > 0 {
			out[id]["satisfaction_last"], out[id]["satisfaction_change"] = s.last, s.last-s.year/s.inYear
		}
	}
	return out
}
