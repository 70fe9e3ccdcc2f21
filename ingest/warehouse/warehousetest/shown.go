package warehousetest

import (
	"testing"
	"time"

	"github.com/churnwatch/churnwatch/model"
)

// What was read of a customer's score holds as long as the number that is shown
// for him stays.
func shownMovesWithWhatIsTold(t *testing.T, e Engine) {
	t.Helper()
	w := e.open(t)
	made := e.put(t, w, run(score("ann", 0.2), score("bob", 0.3)))
	ann, bob := w.Shown("ann"), w.Shown("bob")
	after := func(what string, err error, annMoves, bobMoves bool) {
		t.Helper()
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		if got := w.Shown("ann") != ann; got != annMoves {
			t.Errorf("%s: what is known of ann may have changed: %v", what, got)
		}
		if got := w.Shown("bob") != bob; got != bobMoves {
			t.Errorf("%s: what is known of bob may have changed: %v", what, got)
		}
		ann, bob = w.Shown("ann"), w.Shown("bob")
	}
	_, err := w.Publish(t.Context(), made, asOf)
	after("a snapshot is published", err, true, true)
	_, err = w.SaveModel(t.Context(), stored("{}"))
	after("a model is stored", err, false, false)
	first := firstRun()
	retain(t, w, first, trigger("t1", "ann"))
	after("a trigger opens for ann", nil, true, false)
	err = w.AppendLives(t.Context(), []model.TriggerStatus{model.TriggerOpen}, model.TriggerLife{TriggerID: "t1", Status: model.TriggerAcknowledged, At: asOf})
	after("it is taken care of", err, true, false)
	next := first
	next.From, next.To = first.To, first.To.Add(time.Hour)
	err = w.SaveRetention(t.Context(), next, nil, nil)
	after("the playbooks decide nothing", err, false, false)
}
