package duckdb_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/churnwatch/churnwatch/ingest/warehouse/warehousetest"
	"github.com/churnwatch/churnwatch/model"
)

// backup writes a copy of the database and returns where it is.
func (s *shelter) backup(t *testing.T) string {
	t.Helper()
	var copied bytes.Buffer
	path := filepath.Join(s.dir, "b.duckdb")
	if err := s.store.Backup(t.Context(), &copied, path, noon); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, copied.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func (s *shelter) restore(t *testing.T, path string) {
	t.Helper()
	if _, err := s.store.Restore(t.Context(), path, noon.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
}

// scored publishes scores by customer.
func (s *shelter) scored(t *testing.T, scores map[string]float64) {
	t.Helper()
	run := warehousetest.Run{Model: 1, AsOf: noon, ScoredAt: noon, Definition: inactivity(), Features: []model.Feature{{Name: "recency"}}}
	for _, customer := range []string{"ann", "bob", "cid"} {
		if p, ok := scores[customer]; ok {
			run.Scores = append(run.Scores, model.Score{CustomerID: customer, Status: model.StatusOK, Drift: model.Stable, ChurnProbability: &p})
		}
	}
	number, err := s.store.PutRun(t.Context(), run)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.store.Publish(t.Context(), number, noon); err != nil {
		t.Fatal(err)
	}
}

// follower keeps what a reader of the feeds knows, as the feeds tell it.
type follower struct {
	scores   map[string]float64
	triggers map[string]model.TriggerStatus
	cursors  map[model.Feed]model.Sequence
}

func newFollower() *follower {
	return &follower{map[string]float64{}, map[string]model.TriggerStatus{}, map[model.Feed]model.Sequence{}}
}

// follow reads what changed since, by number.
func (f *follower) follow(t *testing.T, s *shelter) {
	t.Helper()
	scores, err := s.store.Scores(t.Context(), model.ScoreQuery{UpdatedSince: f.cursors[model.FeedScores], Order: model.BySequence})
	if err != nil && model.KindOf(err) != model.KindNoData {
		t.Fatal(err)
	}
	for _, score := range scores {
		f.scores[score.CustomerID], f.cursors[model.FeedScores] = *score.ChurnProbability, score.Sequence
	}
	triggers, err := s.store.Triggers(t.Context(), model.TriggerQuery{UpdatedSince: f.cursors[model.FeedTriggers], Statuses: model.TriggerStatuses()[1:]})
	if err != nil {
		t.Fatal(err)
	}
	for i := range triggers {
		f.triggers[triggers[i].CustomerID], f.cursors[model.FeedTriggers] = triggers[i].Status, triggers[i].Sequence
	}
}

func TestErasuresKeepTheirNumbersOverARestore(t *testing.T) {
	s := openShelter(t)
	s.takeAll(t)
	if _, err := s.store.EraseCustomer(t.Context(), "zoe", noon); err != nil {
		t.Fatal(err)
	}
	path := s.backup(t)
	for _, customer := range []string{"other", erasable, "yan", "xia"} { // In the same instant.
		if _, err := s.store.EraseCustomer(t.Context(), customer, noon.Add(time.Minute)); err != nil {
			t.Fatal(err)
		}
	}
	want, err := s.store.Erasures(t.Context(), 0, 10)
	if err != nil || len(want) != 5 {
		t.Fatalf("%d erasures, %v", len(want), err)
	}
	for range 2 {
		s.restore(t, path)
		got, err := s.store.Erasures(t.Context(), 0, 10)
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("after the restore: %v (-want +got):\n%s", err, diff)
		}
	}
	if _, err := s.store.EraseCustomer(t.Context(), "new", noon); err != nil {
		t.Fatal(err)
	}
	if newest, err := s.store.ErasureSequence(t.Context()); newest != 6 || err != nil {
		t.Errorf("the next erasure has number %d, %v", newest, err)
	}
}

func TestErasuresOfAnotherDatabaseAreNewToReaders(t *testing.T) {
	other := openShelter(t)
	for _, customer := range []string{"ann", "bob"} {
		if _, err := other.store.EraseCustomer(t.Context(), customer, noon); err != nil {
			t.Fatal(err)
		}
	}
	path, fresh := other.backup(t), openShelter(t)
	if _, err := fresh.store.EraseCustomer(t.Context(), "here", noon); err != nil {
		t.Fatal(err)
	}
	fresh.restore(t, path)
	news, err := fresh.store.Erasures(t.Context(), 1, 10) // A reader has heard of number 1.
	if err != nil || len(news) != 2 || news[0].Sequence != 2 || news[1].Sequence != 3 {
		t.Errorf("%v, %v", news, err)
	}
	// Where nothing was told, none can know how far the readers are: numbers jump.
	empty := openShelter(t)
	empty.restore(t, path)
	if _, err := empty.store.EraseCustomer(t.Context(), "next", noon); err != nil {
		t.Fatal(err)
	}
	if news, err = empty.store.Erasures(t.Context(), 1000, 10); err != nil || len(news) != 1 {
		t.Errorf("behind what was told by the machine that is gone: %v, %v", news, err)
	}
}

func TestReadersComeToTheScoresOfARestoredBackup(t *testing.T) {
	s, reader := openShelter(t), newFollower()
	s.scored(t, map[string]float64{"ann": 0.2, "bob": 0.5})
	path := s.backup(t)
	s.scored(t, map[string]float64{"ann": 0.8, "bob": 0.5})
	reader.follow(t, s)
	told, shown := reader.cursors[model.FeedScores], s.store.Shown("ann")
	s.restore(t, path)
	if s.store.Shown("ann") == shown {
		t.Error("an answer that was kept before the restore still holds")
	}
	reader.follow(t, s)
	if diff := cmp.Diff(map[string]float64{"ann": 0.2, "bob": 0.5}, reader.scores); diff != "" {
		t.Errorf("after the restore (-want +got):\n%s", diff)
	}
	changed, err := s.store.Scores(t.Context(), model.ScoreQuery{UpdatedAfter: noon.Add(time.Minute)})
	if err != nil || len(changed) != 2 {
		t.Errorf("changed since, by the clock: %v, %v", changed, err)
	}
	snapshot, err := s.store.Snapshot(t.Context())
	if err != nil || snapshot.Sequence != told+2 {
		t.Errorf("the snapshot is at %d, %v; %d was told before", snapshot.Sequence, err, told)
	}
	// What moves counts from what the restore told.
	s.scored(t, map[string]float64{"ann": 0.2, "bob": 0.8})
	before := reader.cursors[model.FeedScores]
	reader.follow(t, s)
	if now := reader.cursors[model.FeedScores]; now != before+1 || reader.scores["bob"] != 0.8 {
		t.Errorf("the next scoring told %d changes: %v", now-before, reader.scores)
	}
}

func TestReadersComeToTheTriggersOfARestoredBackup(t *testing.T) {
	s, reader := openShelter(t), newFollower()
	s.opened(t, 0, "ann")
	s.opened(t, 1, "bob")
	path := s.backup(t)
	for n, customer := range []string{"cid", "dot", "eve"} {
		s.opened(t, 2+n, customer)
	}
	live := []model.TriggerStatus{model.TriggerOpen}
	for _, id := range []string{"t-bob", "t-dot"} {
		if err := s.store.AppendLives(t.Context(), live, model.TriggerLife{TriggerID: id, Status: model.TriggerDone, At: noon}); err != nil {
			t.Fatal(err)
		}
	}
	reader.follow(t, s)
	if _, err := s.store.EraseCustomer(t.Context(), "eve", noon); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		s.restore(t, path)
		reader.follow(t, s)
		want := map[string]model.TriggerStatus{
			"ann": model.TriggerOpen, "bob": model.TriggerOpen, "cid": model.TriggerSuppressed, "dot": model.TriggerDone, "eve": model.TriggerOpen,
		}
		if diff := cmp.Diff(want, reader.triggers); diff != "" { // The feed of erasures tells of eve.
			t.Errorf("after the restore (-want +got):\n%s", diff)
		}
	}
	withdrawn, err := s.store.Trigger(t.Context(), "t-cid")
	if err != nil || withdrawn.SuppressedBy == nil || *withdrawn.SuppressedBy != model.TriggerWithdrawn {
		t.Errorf("%+v, %v", withdrawn, err)
	}
	if n := s.count(t, "triggers", "eve"); n != 0 {
		t.Errorf("%d triggers of who was erased", n)
	}
	// The cause may come again.
	before := reader.cursors[model.FeedTriggers]
	if again := s.opened(t, 2, "cid"); again <= before {
		t.Errorf("made anew under %d; %d was told before", again, before)
	}
	reader.follow(t, s)
	if got := reader.triggers["cid"]; got != model.TriggerOpen {
		t.Errorf("made anew it is %s", got)
	}
	if done := s.opened(t, 3, "dot"); done > before {
		t.Error("what was done is made again")
	}
}
