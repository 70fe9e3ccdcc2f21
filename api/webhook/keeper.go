package webhook

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/churnwatch/churnwatch/model"
)

const (
	// keepEvery is the least time between two writes, keepAgain that after one
	// that failed.
	keepEvery = 250 * time.Millisecond
	keepAgain = time.Second
)

// keeper writes what couriers have done, of all of them in one step. Couriers
// go on meanwhile, so that a database that is busy with an import holds nobody
// up.
type keeper struct {
	store model.WebhookStore
	log   *slog.Logger
	dirty chan struct{}

	mu   sync.Mutex
	news map[string]*news
}

// news are what became of deliveries to one receiver since the last write.
type news struct {
	model.Deliveries

	kept    map[string]model.Undelivered
	settled map[string]bool
}

func newKeeper(store model.WebhookStore, log *slog.Logger) *keeper {
	return &keeper{store: store, log: log, dirty: make(chan struct{}, 1), news: map[string]*news{}}
}

// note changes the news of a receiver.
func (k *keeper) note(receiver string, change func(*news)) {
	k.mu.Lock()
	n := k.news[receiver]
	if n == nil {
		n = &news{kept: map[string]model.Undelivered{}, settled: map[string]bool{}}
		n.ReceiverID, n.Cursors = receiver, map[model.Feed]model.Sequence{}
		k.news[receiver] = n
	}
	change(n)
	k.mu.Unlock()
	select {
	case k.dirty <- struct{}{}:
	default:
	}
}

// move notes how far a receiver was served.
func (k *keeper) move(receiver string, feed model.Feed, to model.Sequence) {
	k.note(receiver, func(n *news) { n.Cursors[feed] = to })
}

// keep notes an event that was not taken.
func (k *keeper) keep(u model.Undelivered) {
	k.note(u.ReceiverID, func(n *news) {
		n.kept[u.EventID] = u
		delete(n.settled, u.EventID)
	})
}

// settle notes that an event that was kept is needed no more.
func (k *keeper) settle(receiver, id string) {
	k.note(receiver, func(n *news) {
		n.settled[id] = true
		delete(n.kept, id)
	})
}

// state notes how a receiver is.
func (k *keeper) state(r model.Receiver) {
	k.note(r.ID, func(n *news) {
		n.State, n.Reason, n.FailingSince, n.LastSuccessAt = r.State, r.Reason, r.FailingSince, r.LastSuccessAt
	})
}

// run writes until ctx ends; what is left then is for flush. A write that has
// begun is not cut off.
func (k *keeper) run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-k.dirty:
		}
		wait := keepEvery
		if err := k.flush(context.WithoutCancel(ctx)); err != nil {
			if ctx.Err() == nil {
				k.log.LogAttrs(ctx, slog.LevelWarn, "what became of webhooks could not be kept yet", slog.Any("error", err))
			}
			wait = keepAgain
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
		case <-timer.C:
		}
		timer.Stop()
	}
}

// flush writes what there is. What could not be written stays.
func (k *keeper) flush(ctx context.Context) error {
	k.mu.Lock()
	taken := k.news
	k.news = map[string]*news{}
	k.mu.Unlock()
	if len(taken) == 0 {
		return nil
	}
	all := make([]model.Deliveries, 0, len(taken))
	for _, id := range slices.Sorted(maps.Keys(taken)) {
		all = append(all, taken[id].whole())
	}
	err := k.store.SaveDeliveries(ctx, all)
	if err != nil {
		k.giveBack(taken)
	}
	return err
}

// whole are the news as they are stored.
func (n *news) whole() model.Deliveries {
	out := n.Deliveries
	for _, id := range slices.Sorted(maps.Keys(n.kept)) {
		out.Undelivered = append(out.Undelivered, n.kept[id])
	}
	out.Settled = slices.Sorted(maps.Keys(n.settled))
	return out
}

// giveBack puts back what could not be written, below what came meanwhile.
func (k *keeper) giveBack(taken map[string]*news) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for id, old := range taken {
		newer := k.news[id]
		k.news[id] = old
		if newer == nil {
			continue
		}
		maps.Copy(old.Cursors, newer.Cursors)
		for event := range newer.settled {
			old.settled[event] = true
			delete(old.kept, event)
		}
		for event, u := range newer.kept {
			old.kept[event] = u
			delete(old.settled, event)
		}
		if newer.State != "" {
			old.State, old.Reason, old.FailingSince, old.LastSuccessAt = newer.State, newer.Reason, newer.FailingSince, newer.LastSuccessAt
		}
	}
	select {
	case k.dirty <- struct{}{}:
	default:
	}
}

// drop forgets what could not be written: the events are sent again.
func (k *keeper) drop() {
	k.mu.Lock()
	defer k.mu.Unlock()
	clear(k.news)
}
