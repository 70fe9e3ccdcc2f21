package access_test

import (
	"context"
	"errors"
	"log/slog"
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
	b.entries = append(b.entries, entries...)
	return b.fail
}

func (b *book) Audited(context.Context, model.AuditQuery) ([]model.AuditEntry, error) {
	return b.entries, nil
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
