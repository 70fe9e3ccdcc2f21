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
	if want, ok := withoutLateDeliveries(t, a); ok && math.Abs(all.Churn.Customers.Value-want) > 1e-9*math.Abs(want) {
		t.Errorf("without late deliveries %v, the predictor itself says %v", all.Churn.Customers.Value, want)
	}
	if _, err := a.Scoring.WhatIf(t.Context(), "rudeness", 0.5, time.Time{}); model.KindOf(err) != model.KindNotFound {
		t.Errorf("an unknown pain point: %v", err)
	}
	if _, err := a.Scoring.WhatIf(t.Context(), "late_delivery", 1.5, time.Time{}); model.KindOf(err) != model.KindInvalid {
		t.Errorf("more than all: %v", err)
	}
}

// withoutLateDeliveries adds up, from the published contributions, what every
// customer's probability would be with the late deliveries' part that of none;
// ok is false where pairs hold late deliveries too.
func withoutLateDeliveries(t *testing.T, a *app.App) (change float64, ok bool) {
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
	at := -1
	for j, term := range p.Terms {
		if term.Name == "late_delivery_90d" {
			at = j
		}
	}
	if at < 0 || len(p.Pairs) > 0 {
		return 0, false
	}
	never := p.Calibration.Slope * p.Terms[at].Contribution(additive.Value{})
	scores, err := a.Store.Scores(t.Context(), model.ScoreQuery{Reasons: -1})
	if err != nil {
		t.Fatal(err)
	}
	logistic := func(x float64) float64 { return 1 / (1 + math.Exp(-x)) }
	for _, s := range scores {
		eta, late := p.BaseLogOdds(), 0.0
		for _, c := range s.Contributions {
			eta += c.LogOdds
			if c.Name == "late_delivery_90d" {
				late = c.LogOdds
			}
		}
		if len(s.Contributions) > 0 {
			change += logistic(eta-late+never) - logistic(eta)
		}
	}
	return change, true
}
