package warehousetest

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/churnwatch/churnwatch/model"
)

func tone(content string) model.ExperimentDesign {
	return model.ExperimentDesign{
		Name: "tone", Playbook: "late_delivery", Vary: "tone", Measure: model.MeasureResponse, Content: content,
		Variants: []model.ExperimentShare{{Name: "calm", Share: 0.25}, {Name: "bold", Share: 0.75}},
	}
}

// designsAreNotedOnce wants the ledger to keep a design until another takes its
// place or it is over, and to tell what was in force at an instant. One that comes
// again as it was goes on.
func designsAreNotedOnce(t *testing.T, e Engine) {
	t.Helper()
	dir := t.TempDir()
	w := e.openIn(t, dir)
	if found, err := w.ExperimentDesigns(t.Context(), asOf); err != nil || len(found) != 0 {
		t.Errorf("before the first run: %v, %v", found, err)
	}
	first := firstRun()
	first.Experiments = []model.ExperimentDesign{tone("one")}
	retain(t, w, first)
	same := first
	same.From, same.To = first.To, first.To.Add(time.Hour)
	retain(t, w, same)
	other := same
	other.From, other.To, other.Experiments = same.To, same.To.Add(time.Hour), []model.ExperimentDesign{tone("two")}
	retain(t, w, other)
	over := other
	over.From, over.To, over.Experiments = other.To, other.To.Add(time.Hour), nil
	retain(t, w, over)
	still := over
	still.From, still.To = over.To, over.To.Add(time.Hour)
	retain(t, w, still)
	again := still
	again.From, again.To, again.Experiments = still.To, still.To.Add(time.Hour), other.Experiments
	retain(t, w, again)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}

	w = e.openIn(t, dir)
	holdout := model.ExperimentDesign{
		Name: model.HoldoutExperiment, Vary: model.HoldoutExperiment, Measure: model.MeasureRetention, Run: 1, Since: first.From,
		Variants: []model.ExperimentShare{{Name: model.HeldOut, Share: 0.1}, {Name: model.Treated, Share: 0.9}},
	}
	one, two := tone("one"), tone("two")
	one.Run, one.Since, two.Run, two.Since = 1, first.From, 3, other.From
	ended := two
	ended.Ended = &over.From
	for at, want := range map[time.Time][]model.ExperimentDesign{
		first.From: {}, other.From: {holdout, one}, other.From.Add(time.Microsecond): {holdout, two},
		over.From: {holdout, two}, over.From.Add(time.Microsecond): {holdout, ended}, again.From: {holdout, ended},
		again.From.Add(time.Microsecond): {holdout, two},
	} {
		got, err := w.ExperimentDesigns(t.Context(), at)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("at %s (-want +got):\n%s", at, diff)
		}
	}
}

// experimentsCountCustomers wants each customer once, from his first eligible
// trigger on, and his outcomes once their windows are over.
func experimentsCountCustomers(t *testing.T, e Engine) {
	t.Helper()
	w := e.open(t)
	held, early, late, variant, missed := trigger("t1", "ann"), trigger("t2", "bob"), trigger("t3", "bob"), trigger("t4", "cay"), trigger("t5", "dan")
	for _, given := range []*model.Trigger{&held, &early, &late, &variant, &missed} {
		given.Measured, given.Segment = true, model.Passive
	}
	held.Holdout, held.Experiment = true, &model.TriggerExperiment{Name: model.HoldoutExperiment, Variant: model.HeldOut}
	variant.Experiment = &model.TriggerExperiment{Name: "tone", Variant: "bold"}
	late.Segment = model.Detractor
	run := firstRun()
	run.Experiments = []model.ExperimentDesign{tone("one")}
	day := func(n int) time.Time { return asOf.Add(time.Duration(n-100) * model.Day) }
	life := func(id string, status model.TriggerStatus, code string, at time.Time) model.TriggerLife {
		return model.TriggerLife{TriggerID: id, Status: status, Code: code, At: at}
	}
	err := w.SaveRetention(t.Context(), run, []model.Trigger{held, early, late, variant, missed}, []model.TriggerLife{
		life("t1", model.TriggerScheduled, "", day(0)), life("t2", model.TriggerScheduled, "", day(0)), life("t3", model.TriggerScheduled, "", day(0)),
		life("t4", model.TriggerScheduled, "", day(0)), life("t5", model.TriggerScheduled, "", day(0)),
		life("t1", model.TriggerSuppressed, "holdout", day(1)), life("t2", model.TriggerScheduled, "cap", day(1)),
		life("t2", model.TriggerSuppressed, "filter", day(2)), life("t3", model.TriggerSuppressed, "cap", day(3)),
		life("t4", model.TriggerSuppressed, "filter", day(4)), life("t5", model.TriggerSuppressed, "filter", day(1)),
	})
	if err != nil {
		t.Fatal(err)
	}
	query := model.ExperimentQuery{
		AsOf: asOf, Definition: model.Definition{Kind: model.Inactivity, Horizon: 90 * model.Day}, Randomised: []string{"holdout", "cap"},
		Response: 14 * model.Day, Conversion: 14 * model.Day, Repeat: 30 * model.Day, Cap: 0.99,
	}
	got, err := w.ExperimentCells(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	// Nobody ordered, answered or was written to: everything is known, and nothing found.
	unwritten := model.ExperimentMessages{Customers: 1}
	none := map[model.ExperimentMeasure]model.ExperimentOutcome{}
	for _, m := range model.ExperimentMeasures() {
		none[m] = model.ExperimentOutcome{Customers: 1}
	}
	want := model.ExperimentCells{End: asOf, Cells: []model.ExperimentCell{
		{Experiment: model.HoldoutExperiment, Variant: model.HeldOut, Playbook: "late_delivery", Segment: "passive", Assigned: 1, First: day(1), Outcomes: none, Messages: unwritten},
		{Experiment: model.HoldoutExperiment, Variant: model.Treated, Playbook: "late_delivery", Segment: "passive", Assigned: 1, First: day(1), Outcomes: none, Messages: unwritten},
		{Experiment: "tone", Variant: "bold", Playbook: "late_delivery", Segment: "passive", Assigned: 1, First: day(0), Outcomes: none, Messages: unwritten},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("cells (-want +got):\n%s", diff)
	}
	query.Definition.Kind = model.Cancellation
	if got, err = w.ExperimentCells(t.Context(), query); err != nil || len(got.Cells) != 3 ||
		got.Cells[0].Outcomes[model.MeasureRetention] != (model.ExperimentOutcome{Without: 1}) {
		t.Errorf("without contracts nobody can cancel: %+v, %v", got, err)
	}
	query.AsOf = day(1)
	if got, err = w.ExperimentCells(t.Context(), query); err != nil || len(got.Cells) != 0 {
		t.Errorf("before the ledger: %+v, %v", got, err)
	}
}
