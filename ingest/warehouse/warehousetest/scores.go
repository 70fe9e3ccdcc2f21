package warehousetest

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/churnwatch/churnwatch/model"
)

// full is a score with everything that a score can hold, but for what the
// warehouse itself adds.
func full() model.Score {
	s := score("O'Hara \u2603 \"x\"", 1.0/3)
	s.StatusReason = "it's fine"
	s.Percentile = new(97.5)
	s.SatisfactionIndex = new(61.25)
	s.SatisfactionSE = new(4.5)
	s.SatisfactionN = 3
	s.NPSSegment = new("passive")
	s.Drift = model.Recovering
	s.PainIndex = new(2.5)
	s.ExpectedValue = new(120.1)
	s.RevenueAtRisk = new(120.1 / 3)
	s.ExpectedNextOrder = new(time.Date(2026, 4, 1, 10, 11, 12, 131415000, time.UTC))
	s.ValueBasis = new(model.ByPurchases)
	s.ValueInterval = &model.Interval{Low: 40.5, High: 260.25, Level: 0.9}
	s.RevenueInterval = &model.Interval{Low: 10.5, High: 90.25, Level: 0.9}
	s.PAlive, s.PNoOrder = new(0.875), new(0.3)
	s.ExpectedOrders, s.OrderValue = new(2.4), new(50.04)
	s.Holdout = true
	s.Contributions = []model.Contribution{
		contribution(features()[0], 0.1, 41.5), contribution(features()[1], -0.7, "north"),
	}
	return s
}

func contribution(f model.Feature, logOdds float64, value any) model.Contribution {
	return model.Contribution{
		Name: f.Name, Label: f.Label, Family: f.Family, Unit: f.Unit,
		LogOdds: logOdds, Value: value, Evidence: []model.Evidence{},
	}
}

func scoreComesBack(t *testing.T, e Engine) {
	t.Helper()
	w := e.open(t)
	thin := unscored("zed", model.StatusNotEligible)
	e.publish(t, w, run(full(), thin), asOf)

	want := full()
	want.HorizonDays, want.AsOf, want.ScoredAt = 90, asOf, asOf.Add(time.Hour)
	want.Model, want.LabelDefinition = new(1), inactivity.Label()
	want.Sequence, want.ChangedAt, want.OpenTriggers = 1, asOf, []string{}
	want.Contributions[0], want.Contributions[1] = want.Contributions[1], want.Contributions[0] // largest first

	got, err := w.ScoreOf(t.Context(), want.CustomerID)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("score (-want +got):\n%s", diff)
	}
	for reasons := range 3 {
		listed := list(t, w, model.ScoreQuery{Top: 1, Reasons: reasons})[0]
		if diff := cmp.Diff(want.Contributions[:reasons], listed.Contributions); diff != "" {
			t.Errorf("with %d reasons (-want +got):\n%s", reasons, diff)
		}
	}

	got, err = w.ScoreOf(t.Context(), "zed")
	if err != nil {
		t.Fatal(err)
	}
	if got.ChurnProbability != nil || got.Interval != nil || got.Band != nil || len(got.Contributions) != 0 || got.Status != thin.Status {
		t.Errorf("an unscored customer: %+v", got)
	}
}

func errorsHaveKinds(t *testing.T, e Engine) {
	t.Helper()
	w := e.open(t)
	_, err := w.Publish(t.Context(), 77, asOf)
	wantKind(t, "publish an unknown run", err, model.KindNotFound)
	wantKind(t, "discard an unknown run", w.Discard(t.Context(), 77), model.KindNotFound)
	_, err = w.ScoreOf(t.Context(), "ann")
	wantKind(t, "a score before the first snapshot", err, model.KindNoData)
	_, err = w.Cohorts(t.Context(), 0, []string{"region"}, 5)
	wantKind(t, "cohorts before the first snapshot", err, model.KindNoData)
	_, err = w.Turnout(t.Context(), 0, []string{"region"}, 5)
	wantKind(t, "turnout before the first snapshot", err, model.KindNoData)

	e.publish(t, w, run(score("ann", 0.2)), asOf)
	_, err = w.ScoreOf(t.Context(), "bob")
	wantKind(t, "a customer without a score", err, model.KindNotFound)
	_, err = w.Cohorts(t.Context(), 0, []string{"shoe_size"}, 5)
	wantKind(t, "an unknown dimension", err, model.KindInvalid)
	_, err = w.Cohorts(t.Context(), 0, []string{`region" --`}, 5)
	wantKind(t, "a dimension that is SQL", err, model.KindInvalid)
	_, err = w.Cohorts(t.Context(), 0, []string{"region"}, -1)
	wantKind(t, "fewer than no cohorts", err, model.KindInvalid)
	_, err = w.Turnout(t.Context(), 0, []string{`region" --`}, 5)
	wantKind(t, "turnout by SQL", err, model.KindInvalid)
	turnout, err := w.Turnout(t.Context(), 0, []string{"region", "tier"}, 5)
	want := []model.Respondent{{CustomerID: "ann", Eligible: true, Cohorts: []string{"unknown", "unknown"}}}
	if diff := cmp.Diff(want, turnout.Respondents); err != nil || diff != "" {
		t.Errorf("turnout of nobody's answers, %v (-want +got):\n%s", err, diff)
	}

	for name, q := range map[string]model.ScoreQuery{
		"a negative top":             {Top: -1},
		"an unknown band":            {Band: "scarlet"},
		"a risk above 1":             {MinRisk: 1.5},
		"an unknown state of drift":  {Drift: "gone"},
		"a cohort without dimension": {Cohort: "web"},
		"an unknown dimension":       {Dimension: "shoe_size", Cohort: "43"},
	} {
		_, err := w.Scores(t.Context(), q)
		wantKind(t, name, err, model.KindInvalid)
	}
}
