package access

import (
	"cmp"
	"context"
	"log/slog"
	"slices"
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

	mu       sync.Mutex
	gathered gathering
	done     chan struct{} // closed when the entries of now are written, or are held
	// holding says that the store had no room for entries: they are held, up to
	// mostHeld. dropped is how many calls were not noted since, for want of a place.
	holding bool
	dropped int64
}

const (
	// mostEntries is how many different reads gather at most before they are
	// written, and how many entries are written together.
	mostEntries = 10_000
	// mostHeld is how many different entries are held while the disk is full.
	mostHeld = 50_000
)

// gathering is entries of which no two are alike.
type gathering struct {
	entries []model.AuditEntry
	at      map[model.AuditEntry]int // an entry without what differs -> its place
}

// add adds an entry, or counts it where one is alike. It is false where there are as
// many as there may be; 0 is any number.
func (g *gathering) add(e model.AuditEntry, most int) bool {
	alike := e
	alike.At, alike.RequestID, alike.Times = time.Time{}, "", 0
	if place, found := g.at[alike]; found {
		g.entries[place].Times += e.Times
		return true
	}
	if most > 0 && len(g.entries) >= most {
		return false
	}
	if g.at == nil {
		g.at = map[model.AuditEntry]int{}
	}
	g.at[alike] = len(g.entries)
	g.entries = append(g.entries, e)
	return true
}

// from is a gathering without its first entries.
func (g *gathering) from(first int) gathering {
	if first == 0 {
		return *g
	}
	var rest gathering
	for _, e := range g.entries[first:] {
		rest.add(e, 0)
	}
	return rest
}

// NewLog returns a log that Run writes to a store. Every is how long reads
// gather; 0 is a second.
func NewLog(store model.AuditStore, log *slog.Logger, every time.Duration) *Log {
	return &Log{store: store, log: log, every: cmp.Or(every, time.Second), wake: make(chan struct{}, 1), done: make(chan struct{})}
}

// Note hands an entry in. With wait it returns when the entry is on the disk, or is
// held because that is full, or when ctx ends. A nil log notes nothing.
func (l *Log) Note(ctx context.Context, e model.AuditEntry, wait bool) {
	if l == nil {
		return
	}
	done, full := l.gather(ctx, e)
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

// gather takes an entry up. full says that it is time to write.
func (l *Log) gather(ctx context.Context, e model.AuditEntry) (done <-chan struct{}, full bool) {
	e.Times = 1
	l.mu.Lock()
	defer l.mu.Unlock()
	l.add(ctx, e)
	return l.done, !l.holding && len(l.gathered.entries) >= mostEntries
}

// add takes an entry up where there is a place for it. The caller holds mu.
func (l *Log) add(ctx context.Context, e model.AuditEntry) {
	most := 0 // Whoever else writes ends some time.
	if l.holding {
		most = mostHeld
	}
	if l.gathered.add(e, most) {
		return
	}
	if l.dropped == 0 {
		l.log.LogAttrs(ctx, slog.LevelError, "audit entries are dropped: as many are held as may be", slog.Int("held", mostHeld))
	}
	l.dropped += e.Times
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
			l.giveUp(ctx)
			return
		}
		l.write(context.WithoutCancel(ctx)) // What was handed in is written, whatever ends.
	}
}

// write stores what has gathered. What the store has no room for is held. What else
// can't be stored is lost, and the log says how much: nothing can be undone, and
// calls must go on.
func (l *Log) write(ctx context.Context) {
	l.mu.Lock()
	batch, done := l.gathered, l.done
	l.gathered, l.done = gathering{}, make(chan struct{})
	l.mu.Unlock()
	defer close(done)
	written := 0
	for part := range slices.Chunk(batch.entries, mostEntries) {
		err := l.store.Audit(ctx, part)
		switch {
		case err == nil:
			l.release(ctx)
		case model.KindOf(err) == model.KindExhausted:
			l.hold(ctx, batch.from(written), err)
			return
		default:
			l.log.LogAttrs(ctx, slog.LevelError, "audit entries were lost", slog.Int("entries", len(part)), slog.Any("error", err))
		}
		written += len(part)
	}
}

// hold puts entries back before what has gathered since.
func (l *Log) hold(ctx context.Context, batch gathering, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.holding {
		l.log.LogAttrs(ctx, slog.LevelError, "audit entries are held until there is room", slog.Int("most", mostHeld), slog.Any("error", err))
	}
	l.holding = true
	since := l.gathered.entries
	l.gathered = batch
	for _, e := range since {
		l.add(ctx, e)
	}
}

// release notes that the store takes entries again.
func (l *Log) release(ctx context.Context) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.holding {
		return
	}
	l.log.LogAttrs(ctx, slog.LevelInfo, "audit entries are written again", slog.Int64("dropped", l.dropped))
	l.holding, l.dropped = false, 0
}

// giveUp says what is lost because the program ends before there is room.
func (l *Log) giveUp(ctx context.Context) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.holding {
		l.log.LogAttrs(ctx, slog.LevelError, "audit entries were lost",
			slog.Int("entries", len(l.gathered.entries)), slog.Int64("dropped", l.dropped))
	}
}
