package duckdb_test

import (
	"testing"
	"time"

	"github.com/churnwatch/churnwatch/model"
)

// opened opens a trigger for a customer and returns its number.
func (s *shelter) opened(t *testing.T, n int, customer string) model.Sequence {
	t.Helper()
	from := noon.Add(time.Duration(n) * time.Minute)
	run := model.RetentionRun{From: from, To: from.Add(time.Minute), RanAt: from}
	life := model.TriggerLife{TriggerID: "t-" + customer, Status: model.TriggerOpen, At: from, Opening: &model.TriggerOpening{DueAt: from}}
	if err := s.store.SaveRetention(t.Context(), run, []model.Trigger{{ID: "t-" + customer, CustomerID: customer}}, []model.TriggerLife{life}); err != nil {
		t.Fatal(err)
	}
	found, err := s.store.Triggers(t.Context(), model.TriggerQuery{Customer: customer})
	if err != nil || len(found) != 1 {
		t.Fatalf("%v, %v", found, err)
	}
	return found[0].Sequence
}

func (s *shelter) sequence(t *testing.T) model.Sequence {
	t.Helper()
	newest, err := s.store.TriggerSequence(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return newest
}

func TestANumberOfAnErasedTriggerIsNotGivenAgain(t *testing.T) {
	s := openShelter(t)
	first := s.opened(t, 0, erasable)
	for range 2 {
		if _, err := s.store.EraseCustomer(t.Context(), erasable, noon); err != nil {
			t.Fatal(err)
		}
	}
	if now := s.sequence(t); now != first {
		t.Errorf("after the erasure the feed is at %d, before it was at %d", now, first)
	}
	if next := s.opened(t, 1, "other"); next != first+1 {
		t.Errorf("the next number is %d, want %d", next, first+1)
	}
}

func TestWhatChangesAfterARestoreHasNewNumbers(t *testing.T) {
	s := openShelter(t)
	s.opened(t, 0, "ann")
	path := s.backup(t)
	told := s.opened(t, 1, "bob")
	for range 2 {
		s.restore(t, path)
	}
	// Each restore tells that ann is live and bob is not.
	if next := s.opened(t, 1, "cid"); next != told+5 {
		t.Errorf("after the restores a change has number %d; %d was told before", next, told)
	}
}
