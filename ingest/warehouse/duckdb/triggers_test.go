package duckdb_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/churnwatch/churnwatch/ingest/warehouse/duckdb"
	"github.com/churnwatch/churnwatch/model"
)

// manyTriggers opens a warehouse with open triggers, of half of which later
// lives say that somebody takes care.
func manyTriggers(tb testing.TB, n int) *duckdb.Store {
	tb.Helper()
	s, err := duckdb.Open(tb.Context(), duckdb.Options{Clock: clock, Threads: 2})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = s.Close() })
	at := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	triggers, lives := make([]model.Trigger, n), make([]model.TriggerLife, 0, 3*n)
	for i := range triggers {
		id := fmt.Sprintf("t%07d", i)
		triggers[i] = model.Trigger{
			ID: id, CustomerID: fmt.Sprintf("c%d", i), Playbook: "detractor", Step: "first_touch", Cause: "answer:r", Reason: "NPS answer of 2",
			Urgency: model.UrgencyHigh, CausedAt: at, PlannedAt: at, Evidence: []model.Evidence{{What: "nps", At: at}},
		}
		lives = append(lives, model.TriggerLife{TriggerID: id, Status: model.TriggerScheduled, At: at, PlannedAt: &at},
			model.TriggerLife{TriggerID: id, Status: model.TriggerOpen, At: at, Opening: &model.TriggerOpening{DueAt: at.Add(2 * time.Hour), Urgency: model.UrgencyHigh}})
		if i%2 == 0 {
			lives = append(lives, model.TriggerLife{TriggerID: id, Status: model.TriggerAcknowledged, At: at})
		}
	}
	if err := s.SaveRetention(tb.Context(), model.RetentionRun{From: at.Add(-time.Hour), To: at, RanAt: at}, triggers, lives); err != nil {
		tb.Fatal(err)
	}
	return s
}

// A page of 100 of 100,000 open triggers; 50 ms is the promise.
func BenchmarkAPageOf100OutOf100000Triggers(b *testing.B) {
	s := manyTriggers(b, 100_000)
	q := model.TriggerQuery{
		Statuses: []model.TriggerStatus{model.TriggerOpen, model.TriggerAcknowledged, model.TriggerEscalated}, Top: 100,
	}
	b.ReportAllocs()
	for b.Loop() {
		found, err := s.Triggers(b.Context(), q)
		if err != nil || len(found) != 100 {
			b.Fatalf("%d triggers, %v", len(found), err)
		}
	}
}

func TestTriggersAreCountedByWhatTheyAreAndWere(t *testing.T) {
	s := manyTriggers(t, 10)
	at := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	err := s.AppendLives(t.Context(), []model.TriggerStatus{model.TriggerAcknowledged},
		model.TriggerLife{TriggerID: "t0000000", Status: model.TriggerDone, At: at.Add(90 * time.Second)})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		now     time.Time
		overdue int64
	}{{at.Add(time.Hour), 0}, {at.Add(3 * time.Hour), 1}} {
		got, err := s.TriggerTotals(t.Context(), tt.now)
		if err != nil {
			t.Fatal(err)
		}
		want := []duckdb.TriggerTotal{
			{Playbook: "detractor", Urgency: "high", Status: "acknowledged", Ever: 5, Now: 4, Overdue: 4 * tt.overdue},
			{Playbook: "detractor", Urgency: "high", Status: "done", Ever: 1, Now: 1, LatencySeconds: 90},
			{Playbook: "detractor", Urgency: "high", Status: "open", Ever: 10, Now: 5, Overdue: 5 * tt.overdue},
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("at %s (-want +got):\n%s", tt.now, diff)
		}
	}
}
