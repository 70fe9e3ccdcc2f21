package webhook

import (
	"cmp"
	"context"
	"crypto/x509"
	"io"
	"log/slog"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/churnwatch/churnwatch/api/webhook/feed"
	"github.com/churnwatch/churnwatch/api/webhook/post"
	"github.com/churnwatch/churnwatch/model"
)

// Options are what a service is made of.
type Options struct {
	Store    model.WebhookStore
	Scores   feed.Scores
	Triggers feed.Triggers
	Render   feed.Render
	Settings Settings
	// Roots are the authorities of receivers' certificates; nil is the system's.
	Roots   *x509.CertPool
	Version string
	Log     *slog.Logger
	Clock   func() time.Time
	// Random draws ids and secrets.
	Random io.Reader
}

// Settings are the bounds of deliveries. Zero values are those of the defaults.
type Settings struct {
	// Timeout bounds a call; 0 is 10 seconds.
	Timeout time.Duration
	// FirstRetry is about how long after the first failure an event is tried
	// again; 0 is 5 seconds.
	FirstRetry time.Duration
	// RetryFor is for how long an event is tried; 0 is 3 days.
	RetryFor time.Duration
	// DisableAfter is how long nothing may come through until a receiver is
	// disabled; 0 is 5 days.
	DisableAfter time.Duration
	// Keep is how long events that were not taken are kept; 0 is 30 days.
	Keep time.Duration
	// LookEvery is the time between two looks for changes; 0 is 250 milliseconds.
	LookEvery time.Duration
	// Networks are private ones that may be called.
	Networks []netip.Prefix
}

func (s Settings) complete() Settings {
	s.Timeout = cmp.Or(s.Timeout, 10*time.Second)
	s.FirstRetry = cmp.Or(s.FirstRetry, 5*time.Second)
	s.RetryFor = cmp.Or(s.RetryFor, 72*time.Hour)
	s.DisableAfter = cmp.Or(s.DisableAfter, 120*time.Hour)
	s.Keep = cmp.Or(s.Keep, 30*24*time.Hour)
	s.LookEvery = cmp.Or(s.LookEvery, 250*time.Millisecond)
	return s
}

// Service keeps the receivers and, while it runs, delivers to them.
type Service struct {
	store    model.WebhookStore
	settings Settings
	log      *slog.Logger
	clock    func() time.Time
	random   io.Reader
	feeds    *feed.Feeds
	caller   *post.Caller
	keeper   *keeper
	metrics  *metrics
	names    *names

	// gate is held by who delivers, or by who holds deliveries; asking counts those
	// who want to hold, and asked tells who delivers.
	gate   sync.Mutex
	asking atomic.Int64
	asked  chan struct{}
}

// New returns a service. It starts nothing.
func New(o Options) *Service {
	o.Settings = o.Settings.complete()
	s := &Service{
		store: o.Store, settings: o.Settings, log: o.Log, clock: o.Clock, random: o.Random,
		feeds:  feed.New(feed.Options{Store: o.Store, Scores: o.Scores, Triggers: o.Triggers, Render: o.Render}),
		caller: post.New(post.Options{Timeout: o.Settings.Timeout, Networks: o.Settings.Networks, Roots: o.Roots, AtOnce: atOnce, Version: o.Version, Clock: o.Clock}),
		keeper: newKeeper(o.Store, o.Log), names: &names{by: map[string]string{}},
		asked: make(chan struct{}, 1),
	}
	s.metrics = newMetrics(o.Clock)
	return s
}

// Erased tells whom an erasure was about, so that the notice of it can name him as
// long as the program runs. Whoever erases holds the service meanwhile.
func (s *Service) Erased(customer, subject string) { s.names.add(customer, subject) }

// names are the customers who were erased while the program runs, by subject. They
// are in memory alone.
type names struct {
	mu sync.RWMutex
	by map[string]string
}

func (n *names) add(customer, subject string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.by[subject] = customer
}

func (n *names) of(subject string) (customer string, known bool) {
	n.mu.RLock()
	defer n.mu.RUnlock()
	customer, known = n.by[subject]
	return customer, known
}

// Hold stops deliveries, with all that was done on the disk, until release is
// called; then everything is read anew. Whoever changes receivers, erases a
// customer or puts another database in place holds them, one at a time. It waits
// for a turn to write before: while an import writes, deliveries go on.
func (s *Service) Hold(ctx context.Context) (release func()) {
	_ = s.store.SaveDeliveries(ctx, nil) // Whoever holds writes next, and hears of it.
	s.asking.Add(1)
	select {
	case s.asked <- struct{}{}:
	default:
	}
	s.gate.Lock()
	s.asking.Add(-1)
	return s.gate.Unlock
}

// Run delivers until ctx ends.
func (s *Service) Run(ctx context.Context) {
	defer s.caller.Close()
	for ctx.Err() == nil {
		s.gate.Lock()
		s.serve(ctx)
		s.gate.Unlock()
	}
}

const (
	// grace is how long calls that have begun may go on at the end.
	grace = time.Second
	// patience is how long what they did waits at the end to be written.
	patience = 5 * time.Second
)

// serve delivers to the receivers that there are now, until ctx ends or somebody
// asks to hold.
func (s *Service) serve(ctx context.Context) {
	if s.asking.Load() > 0 {
		return
	}
	within, cancel := context.WithCancel(ctx)
	defer cancel()
	calls, cut := context.WithCancel(context.WithoutCancel(ctx))
	defer cut()
	defer context.AfterFunc(within, func() { time.AfterFunc(grace, cut) })()
	var working sync.WaitGroup
	couriers, err := s.couriers(ctx)
	if err != nil && ctx.Err() == nil {
		s.log.LogAttrs(ctx, slog.LevelError, "webhooks could not begin", slog.Any("error", err))
		time.AfterFunc(keepAgain, cancel)
	}
	for _, c := range couriers {
		working.Go(func() { c.run(within, calls) })
	}
	if len(couriers) > 0 {
		working.Go(func() { s.watch(within, couriers) })
		working.Go(func() { s.keeper.run(within) })
		working.Go(func() { s.purge(within) })
	}
	select {
	case <-within.Done():
	case <-s.asked:
	}
	cancel()
	working.Wait()
	last, done := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer done()
	if err := s.keeper.flush(last); err != nil {
		s.log.LogAttrs(ctx, slog.LevelError, "what became of webhooks could not be kept: some are sent again", slog.Any("error", err))
		s.keeper.drop()
	}
}

// couriers are one for each receiver that is sent anything.
func (s *Service) couriers(ctx context.Context) ([]*courier, error) {
	receivers, err := s.store.Receivers(ctx)
	if err != nil {
		return nil, err
	}
	s.metrics.begin(receivers)
	if len(receivers) == 0 {
		return nil, nil
	}
	if err := s.feeds.Open(ctx); err != nil {
		return nil, err
	}
	if _, err := s.feeds.Look(ctx); err != nil {
		return nil, err
	}
	var out []*courier
	at := map[string]*courier{}
	for _, r := range receivers {
		if r.State == model.ReceiverActive {
			c := &courier{service: s, r: r, waiting: map[string]model.Undelivered{}, rejected: map[string]bool{}, ahead: map[model.Feed]feed.Page{}, wake: make(chan struct{}, 1)}
			s.rewind(ctx, c)
			out, at[r.ID] = append(out, c), c
		}
	}
	waiting, err := s.store.Undelivered(ctx, model.UndeliveredQuery{Waiting: true})
	if err != nil {
		return nil, err
	}
	for _, u := range waiting {
		if c := at[u.ReceiverID]; c != nil {
			c.waiting[u.EventID] = u
		}
	}
	return out, nil
}

// rewind brings a cursor back that is beyond its feed, as in a database that was
// put back by hand.
func (s *Service) rewind(ctx context.Context, c *courier) {
	for _, of := range model.Feeds() {
		if newest := s.feeds.Seen(of); c.r.Cursors[of] > newest {
			s.log.LogAttrs(ctx, slog.LevelWarn, "webhook receiver is ahead of its feed: it goes on with what comes now", c.about(), slog.String("feed", string(of)))
			c.move(of, newest)
		}
	}
}

// watch wakes couriers when a feed has moved.
func (s *Service) watch(ctx context.Context, couriers []*courier) {
	ticker := time.NewTicker(s.settings.LookEvery)
	defer ticker.Stop()
	for {
		moved, err := s.feeds.Look(ctx)
		if err != nil && ctx.Err() == nil {
			s.log.LogAttrs(ctx, slog.LevelWarn, "webhooks could not look for changes", slog.Any("error", err))
		}
		if moved {
			for _, c := range couriers {
				select {
				case c.wake <- struct{}{}:
				default:
				}
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// purge forgets what was not taken in a long time.
func (s *Service) purge(ctx context.Context) {
	ticker := time.NewTicker(time.Hour)
	defer ticker.Stop()
	for {
		switch n, err := s.store.ForgetUndelivered(context.WithoutCancel(ctx), s.clock().Add(-s.settings.Keep)); {
		case err != nil && ctx.Err() == nil:
			s.log.LogAttrs(ctx, slog.LevelWarn, "old undelivered webhooks could not be removed", slog.Any("error", err))
		case n > 0:
			s.log.LogAttrs(ctx, slog.LevelWarn, "undelivered webhooks were too old to be kept", slog.Int64("events", n))
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}
