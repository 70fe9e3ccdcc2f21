package duckdb_test

import (
	"context"
	"database/sql"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/churnwatch/churnwatch/model"
)

// receiverOf is a receiver that was served up to a trigger.
func receiverOf(id string, triggers model.Sequence) model.Receiver {
	return model.Receiver{
		ID: id, Name: id, URL: "https://tool.example/" + id, Types: []string{}, CreatedAt: noon, State: model.ReceiverActive,
		Cursors: map[model.Feed]model.Sequence{model.FeedErasures: 0, model.FeedTriggers: triggers, model.FeedScores: 0},
		Secrets: []model.ReceiverSecret{{Text: model.Secret("whsec_" + id), CreatedAt: noon}},
	}
}

// eventAbout is an event about a customer that a receiver did not take.
func eventAbout(receiver, customer string) model.Deliveries {
	return model.Deliveries{ReceiverID: receiver, State: model.ReceiverActive, Undelivered: []model.Undelivered{{
		ReceiverID: receiver, EventID: "trigger-1-" + customer, Feed: model.FeedTriggers, Sequence: 1, Type: "trigger.open", CustomerID: customer,
		Payload: []byte(`{"customer_id":"` + customer + `"}`), FirstAt: noon, DueAt: new(noon),
	}}}
}

func TestErasedCustomersAreAFeedThatNamesNobody(t *testing.T) {
	s := openShelter(t)
	subject, err := s.store.Subjects(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := s.store.SaveReceiver(t.Context(), receiverOf("wh_1", 0)); err != nil {
		t.Fatal(err)
	}
	s.takeAll(t)
	for _, customer := range []string{erasable, "nobody", erasable} {
		if _, err := s.store.EraseCustomer(t.Context(), customer, noon); err != nil {
			t.Fatal(err)
		}
	}
	want := []model.ErasedSubject{{Sequence: 1, Subject: subject(erasable), ErasedAt: noon}, {Sequence: 2, Subject: subject("nobody"), ErasedAt: noon}}
	got, err := s.store.Erasures(t.Context(), 0, 10)
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("erasures: %v (-want +got):\n%s", err, diff)
	}
	if got, err = s.store.Erasures(t.Context(), 1, 10); err != nil || len(got) != 1 {
		t.Errorf("behind the first: %v, %v", got, err)
	}
	of, err := s.store.ErasuresOf(t.Context(), []string{"other", erasable})
	if diff := cmp.Diff(map[string]model.ErasedSubject{erasable: want[0]}, of); diff != "" || err != nil {
		t.Errorf("erasures of some: %v (-want +got):\n%s", err, diff)
	}
	if newest, err := s.store.ErasureSequence(t.Context()); newest != 2 || err != nil {
		t.Errorf("newest: %d, %v", newest, err)
	}
	// What was on its way when she was erased is not kept.
	if err := s.store.SaveDeliveries(t.Context(), []model.Deliveries{eventAbout("wh_1", erasable), eventAbout("wh_1", "other")}); err != nil {
		t.Fatal(err)
	}
	kept, err := s.store.Undelivered(t.Context(), model.UndeliveredQuery{})
	if err != nil || len(kept) != 1 || kept[0].CustomerID != "other" {
		t.Errorf("kept: %+v, %v", kept, err)
	}
	if left := s.onDisk(t, erasable); len(left) > 0 {
		t.Errorf("the disk holds %v", left)
	}
}

func TestHashesOfCustomersDoNotWaitForAWriter(t *testing.T) {
	s := openShelter(t)
	meanwhile := func(what string, do func(ctx context.Context) error) {
		t.Helper()
		writing, done, over := make(chan struct{}), make(chan struct{}), make(chan error)
		go func() {
			over <- s.store.Write(t.Context(), func(*sql.Tx) error {
				close(writing)
				<-done
				return nil
			})
		}()
		<-writing
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		if err := do(ctx); err != nil {
			t.Errorf("%s during a write: %v", what, err)
		}
		close(done)
		if err := <-over; err != nil {
			t.Error(err)
		}
	}
	match := func(want int) func(ctx context.Context) error {
		return func(ctx context.Context) error {
			of, err := s.store.ErasuresOf(ctx, []string{"ann", "bob"})
			if err == nil && len(of) != want {
				t.Errorf("erased: %v, want %d", of, want)
			}
			return err
		}
	}
	meanwhile("a match before anybody was erased", match(0))
	receipt, err := s.store.EraseCustomer(t.Context(), "ann", noon)
	if err != nil {
		t.Fatal(err)
	}
	meanwhile("a match", match(1))
	meanwhile("the hash of a customer", func(ctx context.Context) error {
		subject, err := s.store.Subjects(ctx)
		if err == nil && subject("ann") != receipt.Subject {
			t.Error("it is another one than the receipt's")
		}
		return err
	})
}

func TestARestoreKeepsTodaysReceivers(t *testing.T) {
	s := openShelter(t)
	for _, r := range []model.Receiver{receiverOf("wh_stays", 5), receiverOf("wh_removed", 5)} {
		if err := s.store.SaveReceiver(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.store.SaveDeliveries(t.Context(), []model.Deliveries{eventAbout("wh_stays", "ann"), eventAbout("wh_removed", "ann")}); err != nil {
		t.Fatal(err)
	}
	path := s.backup(t)
	stays, added := receiverOf("wh_stays", 9), receiverOf("wh_added", 9)
	stays.State, stays.Reason, stays.Secrets[0].Text, added.CreatedAt = model.ReceiverDisabled, "410", "whsec_rotated", noon.Add(time.Minute)
	for _, r := range []model.Receiver{stays, added} {
		if err := s.store.SaveReceiver(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.store.RemoveReceiver(t.Context(), "wh_removed"); err != nil {
		t.Fatal(err)
	}
	since := []model.Deliveries{{ReceiverID: "wh_stays", Settled: []string{"trigger-1-ann"}}, eventAbout("wh_stays", "bob"), eventAbout("wh_added", "bob")}
	for i := range since {
		since[i].State = ""
	}
	if err := s.store.SaveDeliveries(t.Context(), since); err != nil {
		t.Fatal(err)
	}
	s.restore(t, path)
	stays.Waiting, added.Waiting = 1, 1
	got, err := s.store.Receivers(t.Context())
	if diff := cmp.Diff([]model.Receiver{stays, added}, got); diff != "" || err != nil {
		t.Errorf("receivers: %v (-want +got):\n%s", err, diff)
	}
	if kept, err := s.store.Undelivered(t.Context(), model.UndeliveredQuery{}); err != nil || len(kept) != 2 || kept[0].CustomerID != "bob" || kept[1].CustomerID != "bob" {
		t.Errorf("kept: %+v, %v", kept, err)
	}
}
