package warehousetest

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/churnwatch/churnwatch/model"
)

// trigger is one as a run plans it.
func trigger(id, customer string) model.Trigger {
	order := "o'1"
	promised := asOf.Add(-48 * time.Hour)
	return model.Trigger{
		ID: id, CustomerID: customer, Playbook: "late_delivery", Step: "apology", Cause: "incident:late_delivery:o1",
		Reason: "a late delivery", Urgency: model.UrgencyHigh, Action: "message", Template: "late", Channel: "email", Owner: "care",
		CausedAt: asOf.Add(-time.Hour), PlannedAt: asOf, Personal: map[string]string{},
		Evidence:   []model.Evidence{{What: "late_delivery", At: asOf.Add(-time.Hour), OrderID: &order, Promised: &promised}},
		Experiment: &model.TriggerExperiment{Name: "holdout", Variant: "treated"}, Measured: true, Segment: model.Passive,
		Signal: model.Signal{
			Kind: model.SignalIncident, Customer: customer, Key: "late_delivery:o1", At: asOf.Add(-time.Hour), VisibleAt: asOf.Add(-time.Hour),
			Word: "late_delivery", OrderID: order, Number: 1,
		},
	}
}

// opening is a life that opens.
func opening(id string) model.TriggerLife {
	value := 12.5
	return model.TriggerLife{TriggerID: id, Status: model.TriggerOpen, At: asOf, Opening: &model.TriggerOpening{
		DueAt: asOf.Add(24 * time.Hour), Urgency: model.UrgencyCritical, Action: "call", Template: "late_call", Channel: "phone", Owner: "ann",
		Offer: "voucher", Personal: map[string]string{"first_name": "Zoë"}, Value: &value,
	}}
}

// retain saves a run with triggers that open at once.
func retain(t *testing.T, w Warehouse, run model.RetentionRun, triggers ...model.Trigger) {
	t.Helper()
	lives := make([]model.TriggerLife, 0, 2*len(triggers))
	for i := range triggers {
		planned := triggers[i].PlannedAt
		lives = append(lives, model.TriggerLife{TriggerID: triggers[i].ID, Status: model.TriggerScheduled, At: asOf, PlannedAt: &planned}, opening(triggers[i].ID))
	}
	if err := w.SaveRetention(t.Context(), run, triggers, lives); err != nil {
		t.Fatal(err)
	}
}

func firstRun() model.RetentionRun {
	return model.RetentionRun{From: asOf.Add(-48 * time.Hour), To: asOf, Since: asOf.Add(-48 * time.Hour), Load: 3, Snapshot: 2, RanAt: asOf, Playbooks: "abc", Holdout: model.Holdout{Salt: "s", Share: 0.1}}
}

func triggersComeBack(t *testing.T, e Engine) {
	t.Helper()
	dir := t.TempDir()
	w := e.openIn(t, dir)
	planned := trigger("t1", "ann")
	retain(t, w, firstRun(), planned, trigger("t2", "bob"))
	if err := w.AppendLives(t.Context(), []model.TriggerStatus{model.TriggerOpen}, model.TriggerLife{
		TriggerID: "t2", Status: model.TriggerSuppressed, At: asOf.Add(time.Hour), Code: "cap", Reason: "at most 3",
	}); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}

	w = e.openIn(t, dir)
	want := planned
	want.Signal.Evidence = want.Evidence
	want.Live(model.TriggerLife{Status: model.TriggerScheduled, PlannedAt: &planned.PlannedAt})
	life := opening("t1")
	life.Sequence = 2
	want.Live(life)
	want.ChangedAt = life.At
	got, err := w.Triggers(t.Context(), model.TriggerQuery{Statuses: []model.TriggerStatus{model.TriggerOpen}})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]model.Trigger{want}, got); diff != "" {
		t.Errorf("open (-want +got):\n%s", diff)
	}
	want.Evidence, want.Signal = []model.Evidence{}, model.Signal{Evidence: []model.Evidence{}}
	got, err = w.Triggers(t.Context(), model.TriggerQuery{Statuses: []model.TriggerStatus{model.TriggerOpen}, Bare: true})
	if diff := cmp.Diff([]model.Trigger{want}, got); diff != "" || err != nil {
		t.Errorf("open without what caused them: %v (-want +got):\n%s", err, diff)
	}
	ended, err := w.Trigger(t.Context(), "t2")
	if err != nil {
		t.Fatal(err)
	}
	if ended.SuppressedBy == nil || *ended.SuppressedBy != "cap" || ended.Sequence != 5 || len(ended.History) != 3 || ended.History[1].Opening == nil {
		t.Errorf("suppressed: %+v", ended)
	}
	for name, q := range map[string]model.TriggerQuery{
		"bob's": {Customer: "bob"}, "changed since": {UpdatedSince: 4}, "changed after": {UpdatedAfter: asOf}, "of both": {Customers: []string{"bob", "bob"}},
	} {
		if found, err := w.Triggers(t.Context(), q); err != nil || len(found) != 1 || found[0].ID != "t2" {
			t.Errorf("%s: %v, %v", name, found, err)
		}
	}
	if found, err := w.Triggers(t.Context(), model.TriggerQuery{Top: 1}); err != nil || len(found) != 1 || found[0].ID != "t1" {
		t.Errorf("the first: %v, %v", found, err)
	}
	if found, err := w.Triggers(t.Context(), model.TriggerQuery{OpenedSince: asOf.Add(time.Microsecond)}); err != nil || len(found) != 0 {
		t.Errorf("opened later: %v, %v", found, err)
	}
	if found, err := w.Triggers(t.Context(), model.TriggerQuery{CausedSince: asOf}); err != nil || len(found) != 1 || found[0].ID != "t1" {
		t.Errorf("caused later or not ended: %v, %v", found, err)
	}
	_, err = w.Trigger(t.Context(), "t3")
	wantKind(t, "an unknown trigger", err, model.KindNotFound)
}

func runsFollow(t *testing.T, e Engine) {
	t.Helper()
	w := e.open(t)
	if _, found, err := w.RetentionProgress(t.Context()); err != nil || found {
		t.Fatalf("before the first run: %v, %v", found, err)
	}
	run := firstRun()
	retain(t, w, run, trigger("t1", "ann"))
	run.Number = 1
	got, found, err := w.RetentionProgress(t.Context())
	if err != nil || !found {
		t.Fatalf("after the first run: %v, %v", found, err)
	}
	if diff := cmp.Diff(run, got); diff != "" {
		t.Errorf("progress (-want +got):\n%s", diff)
	}
	wantKind(t, "the same run again", w.SaveRetention(t.Context(), firstRun(), []model.Trigger{trigger("t2", "bob")}, nil), model.KindConflict)
	next := firstRun()
	next.From, next.To, next.Holdout.Share = asOf, asOf.Add(time.Hour), 0.2
	retain(t, w, next, trigger("t3", "bob"))
	if got, _, err := w.RetentionProgress(t.Context()); err != nil || got.Holdout != next.Holdout {
		t.Errorf("holdout %+v, want %+v; %v", got.Holdout, next.Holdout, err)
	}
	for _, q := range []model.TriggerQuery{
		{}, {Top: 1}, {Statuses: []model.TriggerStatus{model.TriggerOpen}}, {UpdatedSince: 3}, {UpdatedSince: 9}, {CausedSince: asOf}, {Customer: "nobody"},
	} {
		n, err := w.CountTriggers(t.Context(), q)
		q.Top = 0
		listed, listing := w.Triggers(t.Context(), q)
		if err != nil || listing != nil || n != int64(len(listed)) {
			t.Errorf("%+v: %d triggers were counted and %d listed, %v, %v", q, n, len(listed), err, listing)
		}
	}
	if all, err := w.Triggers(t.Context(), model.TriggerQuery{}); err != nil || len(all) != 2 || all[1].Sequence != 4 {
		t.Errorf("after two runs: %v, %v", all, err)
	}
	load, snapshot, err := w.Arrived(t.Context())
	if err != nil || load != 0 || snapshot != 0 {
		t.Errorf("an empty warehouse: load %d, snapshot %d, %v", load, snapshot, err)
	}
}

func endedStaysEnded(t *testing.T, e Engine) {
	t.Helper()
	w := e.open(t)
	retain(t, w, firstRun(), trigger("t1", "ann"))
	open := []model.TriggerStatus{model.TriggerOpen}
	done := model.TriggerLife{TriggerID: "t1", Status: model.TriggerDone, At: asOf}
	if err := w.AppendLives(t.Context(), open, done); err != nil {
		t.Fatal(err)
	}
	wantKind(t, "done twice", w.AppendLives(t.Context(), open, done), model.KindConflict)
	done.TriggerID = "t9"
	wantKind(t, "an unknown trigger", w.AppendLives(t.Context(), open, done), model.KindNotFound)
	next := firstRun()
	next.From, next.To = asOf, asOf.Add(time.Hour)
	expired := model.TriggerLife{TriggerID: "t1", Status: model.TriggerExpired, At: asOf}
	if err := w.SaveRetention(t.Context(), next, nil, []model.TriggerLife{expired}); err != nil {
		t.Fatal(err)
	}
	if got, err := w.Trigger(t.Context(), "t1"); err != nil || got.Status != model.TriggerDone || len(got.History) != 3 {
		t.Errorf("after a run that did not know: %+v, %v", got, err)
	}
}

func openTriggersStandOnScores(t *testing.T, e Engine) {
	t.Helper()
	w := e.open(t)
	e.publish(t, w, run(score("ann", 0.2), score("bob", 0.3)), asOf)
	retain(t, w, firstRun(), trigger("t1", "ann"), trigger("t2", "ann"), trigger("t3", "ann"))
	if err := w.AppendLives(t.Context(), []model.TriggerStatus{model.TriggerOpen},
		model.TriggerLife{TriggerID: "t2", Status: model.TriggerDone, At: asOf},
		model.TriggerLife{TriggerID: "t1", Status: model.TriggerAcknowledged, At: asOf}); err != nil {
		t.Fatal(err)
	}
	got := map[string][]string{}
	for _, s := range list(t, w, model.ScoreQuery{}) {
		got[s.CustomerID] = s.OpenTriggers
	}
	if diff := cmp.Diff(map[string][]string{"ann": {"t3", "t1"}, "bob": {}}, got); diff != "" {
		t.Errorf("open triggers (-want +got):\n%s", diff)
	}
}
