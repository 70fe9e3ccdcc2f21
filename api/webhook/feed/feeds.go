package feed

import (
	"context"
	"sync"

	"github.com/churnwatch/churnwatch/model"
)

// Scores reads the published scores.
type Scores interface {
	// Snapshot returns the current one, KindNoData when none was published.
	Snapshot(ctx context.Context) (model.Snapshot, error)
	// Scores returns scores of it.
	Scores(ctx context.Context, q model.ScoreQuery) ([]model.Score, error)
}

// Triggers reads what is to be done.
type Triggers interface {
	// Sequence is the number of the newest change of any trigger.
	Sequence(ctx context.Context) (model.Sequence, error)
	// List returns triggers in the order of their sequence.
	List(ctx context.Context, q model.TriggerQuery) ([]model.Trigger, error)
}

// Render writes rows as REST does.
type Render struct {
	Score   func(model.Score) ([]byte, error)
	Trigger func(*model.Trigger) ([]byte, error)
	// Reasons is how many contributions a score carries.
	Reasons int
}

// Options are what feeds are read from.
type Options struct {
	Store    model.WebhookStore
	Scores   Scores
	Triggers Triggers
	Render   Render
}

// PageSize is how many rows of a feed are read at a time.
const PageSize = 200

// Feeds read the rows of the feeds as events. Couriers at the same place share
// one reading.
type Feeds struct {
	store    model.WebhookStore
	scores   Scores
	triggers Triggers
	render   Render
	// subject is the keyed hash of a customer.
	subject func(customer string) string

	mu     sync.Mutex
	newest map[model.Feed]model.Sequence
	last   map[model.Feed]Page
	// reading lets one courier read at a time.
	reading map[model.Feed]*sync.Mutex
}

// Page is a part of a feed: all of it up to End, as it was when the feed was at
// newest.
type Page struct {
	after, newest model.Sequence
	End           model.Sequence
	Events        []Event
}

// New returns feeds that were not looked at yet.
func New(o Options) *Feeds {
	f := &Feeds{
		store: o.Store, scores: o.Scores, triggers: o.Triggers, render: o.Render,
		newest: map[model.Feed]model.Sequence{}, last: map[model.Feed]Page{}, reading: map[model.Feed]*sync.Mutex{},
	}
	for _, feed := range model.Feeds() {
		f.reading[feed] = &sync.Mutex{}
	}
	return f
}

// Open lets go of what was read before, as where another database may be in
// place, and gets ready to read.
func (f *Feeds) Open(ctx context.Context) error {
	subject, err := f.store.Subjects(ctx)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.subject = subject
	clear(f.last)
	return err
}

// Position reads how far a feed is.
func (f *Feeds) Position(ctx context.Context, feed model.Feed) (model.Sequence, error) {
	switch feed {
	case model.FeedErasures:
		return f.store.ErasureSequence(ctx)
	case model.FeedTriggers:
		return f.triggers.Sequence(ctx)
	case model.FeedScores:
	}
	snapshot, err := f.scores.Snapshot(ctx)
	if model.KindOf(err) == model.KindNoData {
		return 0, nil
	}
	return snapshot.Sequence, err
}

// Look reads how far all feeds are, and reports whether one has moved.
func (f *Feeds) Look(ctx context.Context) (moved bool, err error) {
	for _, feed := range model.Feeds() {
		at, err := f.Position(ctx, feed)
		if err != nil {
			return moved, err
		}
		f.mu.Lock()
		moved = moved || f.newest[feed] != at
		f.newest[feed] = at
		f.mu.Unlock()
	}
	return moved, nil
}

// Seen is how far a feed was at the last look.
func (f *Feeds) Seen(feed model.Feed) model.Sequence {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.newest[feed]
}

// Page returns the next rows of a feed behind a number.
func (f *Feeds) Page(ctx context.Context, feed model.Feed, after model.Sequence) (Page, error) {
	f.reading[feed].Lock()
	defer f.reading[feed].Unlock()
	f.mu.Lock()
	newest := f.newest[feed]
	last, read := f.last[feed]
	f.mu.Unlock()
	if read && last.after == after && last.newest == newest {
		return last, nil
	}
	events, err := f.Read(ctx, feed, after)
	if err != nil {
		return Page{}, err
	}
	p := Page{after: after, End: max(after, newest), newest: newest, Events: events} // What came in between is read again.
	if n := len(events); n > 0 && (n == PageSize || events[n-1].Sequence > p.End) {
		p.End = events[n-1].Sequence
	}
	f.mu.Lock()
	f.last[feed] = p
	f.mu.Unlock()
	return p, nil
}

// Read reads a page of a feed behind a number, whatever was read before.
func (f *Feeds) Read(ctx context.Context, feed model.Feed, after model.Sequence) ([]Event, error) {
	switch feed {
	case model.FeedErasures:
		rows, err := f.store.Erasures(ctx, after, PageSize)
		return eventsOf(rows, err, erasureEvent)
	case model.FeedTriggers:
		rows, err := f.triggers.List(ctx, model.TriggerQuery{UpdatedSince: after, Statuses: model.TriggerStatuses()[1:], Top: PageSize})
		return eventsOf(rows, err, func(t model.Trigger) (Event, error) { return f.triggerEvent(&t) })
	case model.FeedScores:
	}
	rows, err := f.scores.Scores(ctx, model.ScoreQuery{UpdatedSince: after, Order: model.BySequence, Top: PageSize, Reasons: f.render.Reasons})
	if model.KindOf(err) == model.KindNoData {
		return nil, nil
	}
	return eventsOf(rows, err, f.scoreEvent)
}

func eventsOf[T any](rows []T, err error, of func(T) (Event, error)) ([]Event, error) {
	if err != nil {
		return nil, err
	}
	events := make([]Event, len(rows))
	for i := range rows {
		if events[i], err = of(rows[i]); err != nil {
			return nil, err
		}
	}
	return events, nil
}
