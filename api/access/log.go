package access

import (
	"cmp"
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/churnwatch/churnwatch/model"
)

// Log notes who did what. Calls hand entries in; one goroutine writes what has
// gathered, so that many calls share one commit. Entries of reads that are
// alike become one with their number.
type Log struct {
	store model.AuditStore
	log   *slog.Logger
	// every is how long reads gather.
	every time.Duration
	// wake tells the writer that somebody waits for an entry.
	wake chan struct{}

	mu      sync.Mutex
	entries []model.AuditEntry
	at      map[model.AuditEntry]int // an entry without what differs -> its place
	done    chan struct{}            // closed when the entries of now are written
}

// mostEntries is how many different reads gather at most before they are
// written.
const mostEntries = 10_000

// NewLog returns a log that Run writes to a store. Every is how long reads
// gather; 0 is a second.
func NewLog(store model.AuditStore, log *slog.Logger, every time.Duration) *Log {
	return &Log{
		store: store, log: log, every: cmp.Or(every, time.Second), wake: make(chan struct{}, 1),
		at: map[model.AuditEntry]int{}, done: make(chan struct{}),
	}
}

// Note hands an entry in. With wait it returns when the entry is on the disk,
// or when ctx ends. A nil log notes nothing.
func (l *Log) Note(ctx context.Context, e model.AuditEntry, wait bool) {
	if l == nil {
		return
	}
	done, full := l.gather(e)
	if wait || full {
		select {
		case l.wake <- struct{}{}:
		default: // It is awake already, and takes this entry too.
		}
	}
	if !wait {
		return
	}
	select {
	case <-done:
	case <-ctx.Done():
	}
}

// gather adds an entry, or counts it where one is alike.
func (l *Log) gather(e model.AuditEntry) (done <-chan struct{}, full bool) {
	e.Times = 1
	alike := e
	alike.At, alike.RequestID = time.Time{}, ""
	l.mu.Lock()
	defer l.mu.Unlock()
	if place, found := l.at[alike]; found {
		l.entries[place].Times++
	} else {
		l.at[alike] = len(l.entries)
		l.entries = append(l.entries, e)
	}
	return l.done, len(l.entries) >= mostEntries
}

// Run writes entries until ctx ends, and then what is left.
func (l *Log) Run(ctx context.Context) {
	ticker := time.NewTicker(l.every)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
		case <-l.wake:
		case <-ctx.Done():
			l.write(context.WithoutCancel(ctx))
			return
		}
		l.write(context.WithoutCancel(ctx)) // What was handed in is written, whatever ends.
	}
}

// write stores what has gathered. What can't be stored is lost, and the log
// says how much: nothing can be undone, and calls must go on.
func (l *Log) write(ctx context.Context) {
	l.mu.Lock()
	entries, done := l.entries, l.done
	l.entries, l.at, l.done = nil, map[model.AuditEntry]int{}, make(chan struct{})
	l.mu.Unlock()
	defer close(done)
	if err := l.store.Audit(ctx, entries); err != nil {
		l.log.LogAttrs(ctx, slog.LevelError, "audit entries were lost", slog.Int("entries", len(entries)), slog.Any("error", err))
	}
}
