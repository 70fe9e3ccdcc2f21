package warehousetest

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/churnwatch/churnwatch/model"
)

// plan is one of a day with two surveys.
func plan(day string) model.SurveyPlan {
	kept, order, value := asOf.Add(9*time.Hour), "o'1", 12.5
	ask := func(id, customer string) model.PlannedSurvey {
		return model.PlannedSurvey{
			ID: id + day, Day: day, CustomerID: customer, Moment: model.OnDelivery, Kind: "csat", Template: "survey_delivery", Channel: "email",
			Cause: &order, MomentAt: asOf.Add(-time.Hour), SendFrom: asOf.Add(8 * time.Hour), SendUntil: asOf.Add(21 * time.Hour), ExpiresAt: asOf.Add(192 * time.Hour),
			ChosenBy: model.ChosenByDecision, InclusionProbability: 0.125, RandomProbability: 1.0 / 3, ValueOfAnswer: &value,
			Segments: map[string]string{"region": "Zürich"}, Why: "risk 40 %", Status: model.SurveyPlanned, Personal: map[string]string{},
		}
	}
	second := ask("b", "bob")
	second.Cause, second.ValueOfAnswer = nil, nil
	return model.SurveyPlan{
		Day: day, AsOf: asOf, EndsAt: asOf.Add(24 * time.Hour), PlannedAt: &kept, Seed: 1 << 60, Capacity: 5, RandomShare: 0.3,
		Candidates: 9, Eligible: 7, Expected: 2.5, CandidatesNow: 9, Refused: map[string]int{"consent": 2},
		Moments:  []model.SurveyMomentCount{{Moment: model.OnDelivery, Kind: "csat", Rate: 0.5, Candidates: 9, Eligible: 7, Expected: 2.5, Chosen: 2}},
		Segments: []model.SurveySegmentCount{}, Surveys: []model.PlannedSurvey{ask("a", "ann"), second}, Warnings: []string{"one"},
	}
}

func plansOfSurveysComeBack(t *testing.T, e Engine) {
	t.Helper()
	dir := t.TempDir()
	w := e.openIn(t, dir)
	for _, day := range []string{"2026-01-02", "2026-01-03"} {
		if err := w.SaveSurveyPlan(t.Context(), plan(day), 0); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.SaveSurveyPlan(t.Context(), plan("2026-01-02"), 0); model.KindOf(err) != model.KindConflict {
		t.Errorf("a second plan of a day: %v", err)
	}
	if err := w.SaveSurveyPlan(t.Context(), plan("2026-01-05"), 1); model.KindOf(err) != model.KindConflict {
		t.Errorf("a plan that saw another trigger: %v", err)
	}
	if n, err := w.SurveyPlans(t.Context()); n != 2 || err != nil {
		t.Errorf("%d plans, %v", n, err)
	}
	for seen, kind := range map[int64]model.ErrorKind{1: model.KindConflict, 2: ""} {
		run := firstRun()
		run.Plans = seen
		if err := w.SaveRetention(t.Context(), run, nil, nil); (err != nil) != (kind != "") || err != nil && model.KindOf(err) != kind {
			t.Errorf("a run that saw %d of 2 plans: %v", seen, err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}

	w = e.openIn(t, dir)
	got, found, err := w.SurveyPlan(t.Context(), "2026-01-02")
	if diff := cmp.Diff(plan("2026-01-02"), got); diff != "" || !found || err != nil {
		t.Errorf("%v, %v, plan (-want +got):\n%s", found, err, diff)
	}
	if _, found, err := w.SurveyPlan(t.Context(), "2026-01-04"); found || err != nil {
		t.Errorf("a day without one: %v, %v", found, err)
	}
	planned, err := w.PlannedSurveys(t.Context(), "bob")
	if err != nil || len(planned) != 2 || planned[0].ID != "b2026-01-02" || planned[1].Day != "2026-01-03" {
		t.Errorf("of bob: %+v, %v", planned, err)
	}
	customers, err := w.RetentionCustomers(t.Context(), model.RetentionQuery{Customers: []string{"ann"}, Since: asOf, From: asOf, Until: asOf})
	if err != nil || len(customers) != 1 || len(customers[0].Planned) != 2 {
		t.Fatalf("of ann: %+v, %v", customers, err)
	}
	want := model.RetentionSurvey{ID: "a2026-01-02", SendFrom: asOf.Add(8 * time.Hour), ExpiresAt: asOf.Add(192 * time.Hour), Channel: "email"}
	if diff := cmp.Diff(want, customers[0].Planned[0]); diff != "" {
		t.Errorf("what keeps others away (-want +got):\n%s", diff)
	}
}
