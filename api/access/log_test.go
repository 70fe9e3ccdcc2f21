package access_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/churnwatch/churnwatch/api/access"
	"github.com/churnwatch/churnwatch/model"
)

// book keeps entries in memory.
type book struct {
	mu      sync.Mutex
	entries []model.AuditEntry
	fail    error
}

func (b *book) Audit(_ context.Context, entries []model.AuditEntry) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.fail != nil {
		return b.fail
	}
	b.entries = append(b.entries, entries...)
	return nil
}

func (b *book) Audited(context.Context, model.AuditQuery) ([]model.AuditEntry, error) {
	return b.entries, nil
}

// failWith lets the book take nothing, or with nil everything again.
func (b *book) failWith(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.fail = err
}

func (b *book) len() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.entries)
}

func TestReadsGatherAndWritesAreOnTheDisk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		kept := &book{}
		log := access.NewLog(kept, slog.New(slog.DiscardHandler), time.Minute)
		ctx, cancel := context.WithCancel(t.Context())
		go log.Run(ctx)

		for _, id := range []string{"r1", "r2"} {
			log.Note(ctx, model.AuditEntry{At: noon, Action: "read", CustomerID: "a", RequestID: id}, false)
		}
		log.Note(ctx, model.AuditEntry{At: noon, Action: "read", CustomerID: "b", RequestID: "r3"}, false)
		if kept.len() != 0 {
			t.Error("reads were written one by one")
		}
		log.Note(ctx, model.AuditEntry{At: noon, Action: "write", RequestID: "r4"}, true)
		want := []model.AuditEntry{
			{At: noon, Action: "read", CustomerID: "a", RequestID: "r1", Times: 2},
			{At: noon, Action: "read", CustomerID: "b", RequestID: "r3", Times: 1},
			{At: noon, Action: "write", RequestID: "r4", Times: 1},
		}
		if diff := cmp.Diff(want, kept.entries); diff != "" {
			t.Errorf("after a write (-want +got):\n%s", diff)
		}

		log.Note(ctx, model.AuditEntry{Action: "read"}, false)
		<-time.After(time.Minute + 1)
		synctest.Wait()
		if kept.len() != 4 {
			t.Errorf("after a while: %d entries, want 4", kept.len())
		}
		log.Note(ctx, model.AuditEntry{Action: "last"}, false)
		cancel()
		synctest.Wait()
		if kept.len() != 5 {
			t.Errorf("after the end: %d entries, want 5", kept.len())
		}
	})
}

func TestALostEntryIsInTheLog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var told strings.Builder
		log := access.NewLog(&book{fail: errors.New("full")}, slog.New(slog.NewTextHandler(&told, nil)), 0)
		ctx, cancel := context.WithCancel(t.Context())
		go log.Run(ctx)
		log.Note(ctx, model.AuditEntry{Action: "write", CustomerID: "somebody"}, true)
		cancel()
		synctest.Wait()
		if !strings.Contains(told.String(), "entries=1 error=full") || strings.Contains(told.String(), "somebody") {
			t.Errorf("log: %s", told.String())
		}
	})
	(*access.Log)(nil).Note(t.Context(), model.AuditEntry{}, true) // A nil log notes nothing, and nobody waits.
}

func TestEntriesAreHeldWhileTheDiskIsFull(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var told strings.Builder
		full := model.Errorf(model.KindExhausted, "the disk is full")
		kept := &book{fail: full}
		log := access.NewLog(kept, slog.New(slog.NewTextHandler(&told, nil)), time.Second)
		ctx, cancel := context.WithCancel(t.Context())
		go log.Run(ctx)

		log.Note(ctx, model.AuditEntry{At: noon, Action: "read", CustomerID: "a"}, true) // It waits for no room.
		<-time.After(time.Minute)
		log.Note(ctx, model.AuditEntry{At: noon.Add(time.Minute), Action: "read", CustomerID: "a"}, false)
		for i := range 3 * access.MostHeld / 2 {
			log.Note(ctx, model.AuditEntry{At: noon, Action: "read", CustomerID: strconv.Itoa(i)}, false)
		}
		<-time.After(time.Minute)
		synctest.Wait()
		if text := told.String(); strings.Count(text, "held until") != 1 || strings.Count(text, "are dropped") != 1 || kept.len() != 0 {
			t.Errorf("%d entries are written; log: %s", kept.len(), text)
		}
		kept.failWith(nil)
		<-time.After(2 * time.Second)
		log.Note(ctx, model.AuditEntry{Action: "write"}, true)
		if kept.len() != access.MostHeld+1 {
			t.Errorf("%d entries are written once there is room, want %d", kept.len(), access.MostHeld+1)
		}
		want := model.AuditEntry{At: noon, Action: "read", CustomerID: "a", Times: 2}
		if diff := cmp.Diff(want, kept.entries[0]); diff != "" {
			t.Errorf("the first one (-want +got):\n%s", diff)
		}
		if lost := fmt.Sprintf("written again\" dropped=%d", access.MostHeld/2+1); !strings.Contains(told.String(), lost) {
			t.Errorf("%q is not in the log: %s", lost, told.String())
		}

		kept.failWith(full)
		log.Note(ctx, model.AuditEntry{Action: "last"}, false)
		cancel()
		synctest.Wait()
		if !strings.Contains(told.String(), "were lost\" entries=1 dropped=0") {
			t.Errorf("the end is not in the log: %s", told.String())
		}
	})
}
