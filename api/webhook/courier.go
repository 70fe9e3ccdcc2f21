package webhook

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v5"

	"github.com/churnwatch/churnwatch/api/webhook/feed"
	"github.com/churnwatch/churnwatch/api/webhook/post"
	"github.com/churnwatch/churnwatch/model"
)

const (
	// atOnce is how many events a receiver is sent at the same time.
	atOnce = 4
	// downAfter is how many failures in a row make a receiver one that is down.
	downAfter = 3
)

// courier serves one receiver. It is owned by one goroutine.
type courier struct {
	service *Service
	r       model.Receiver
	// waiting are the events that it did not take and that are tried again.
	waiting map[string]model.Undelivered
	// ahead is what was read of a feed and is not sent yet.
	ahead map[model.Feed]feed.Page
	// rejected are those of them that the receiver answered, and did not want.
	rejected map[string]bool
	// failures in a row; paused is until when nothing is sent after some.
	failures int
	paused   time.Time
	// choosy says that the last of them may be due to the event, tried that it was
	// a kept one.
	choosy, tried bool
	// behind is since when something waits in a feed.
	behind time.Time
	wake   chan struct{}
}

// parcel is an event to be sent: one of a feed, or one that was kept.
type parcel struct {
	feed.Event

	kept *model.Undelivered
}

// run serves the receiver until ctx ends or it is disabled. Calls that have begun
// go on until theirs ends.
func (c *courier) run(ctx, calls context.Context) {
	for ctx.Err() == nil && c.r.State == model.ReceiverActive {
		wait, err := c.step(ctx, calls)
		if err != nil && ctx.Err() == nil {
			c.service.log.LogAttrs(ctx, slog.LevelWarn, "webhooks could not read what changed", c.about(), slog.Any("error", err))
			wait = c.service.settings.FirstRetry
		}
		c.service.show(c)
		if wait == 0 {
			continue
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
		case <-c.wake:
		case <-timer.C:
		}
		timer.Stop()
	}
}

// idle is how long a courier waits that nobody wakes.
const idle = time.Hour

// step sends some events and says how long there is nothing to do; 0 is not at
// all.
func (c *courier) step(ctx, calls context.Context) (time.Duration, error) {
	now := c.service.clock()
	if wait := c.paused.Sub(now); wait > 0 {
		return wait, nil
	}
	parcels, err := c.take(ctx, now)
	if err != nil {
		return 0, err
	}
	if len(parcels) == 0 {
		return c.untilDue(now), nil
	}
	outcomes := make([]post.Outcome, len(parcels))
	var sent sync.WaitGroup
	for i, p := range parcels {
		sent.Go(func() { outcomes[i] = c.send(calls, p) })
	}
	sent.Wait()
	c.settle(ctx, parcels, outcomes)
	return 0, nil
}

func (c *courier) send(ctx context.Context, p parcel) post.Outcome {
	body := p.Payload
	if p.Feed == model.FeedErasures {
		var err error
		if body, err = feed.Named(p.Payload, c.service.names.of); err != nil {
			return post.Outcome{Result: post.Failed, Reason: "what it says can't be read"}
		}
	}
	o := c.service.caller.Call(ctx, c.r, p.ID, body)
	c.service.metrics.count(o.Result)
	return o
}

// take chooses what is sent next: of a receiver that is down one kept event, by
// turns with one of the feeds where it may be that it fails on some events alone;
// else those that are due beside those of the feeds.
func (c *courier) take(ctx context.Context, now time.Time) ([]parcel, error) {
	due := c.due(now)
	if c.failures >= downAfter {
		c.tried = !c.tried
		first := c.earliest()
		if first != nil && (c.tried || !c.choosy) {
			return []parcel{parcelOf(first)}, nil
		}
		fresh, err := c.fresh(ctx, 1)
		if len(fresh) == 0 && err == nil && first != nil {
			fresh = []parcel{parcelOf(first)}
		}
		return fresh, err
	}
	fresh, err := c.fresh(ctx, atOnce)
	if err != nil {
		return nil, err
	}
	due = due[:min(len(due), max(atOnce-len(fresh), atOnce/2))]
	for _, u := range due {
		fresh = slices.Insert(fresh, 0, parcelOf(&u))
	}
	return fresh[:min(len(fresh), atOnce)], nil
}

func parcelOf(u *model.Undelivered) parcel {
	kept := *u
	return parcel{feed.Event{ID: u.EventID, Type: u.Type, Feed: u.Feed, Sequence: u.Sequence, Customer: u.CustomerID, Payload: u.Payload}, &kept}
}

// due are the kept events whose time has come, the earliest first.
func (c *courier) due(now time.Time) (out []model.Undelivered) {
	for _, u := range c.waiting {
		if !u.DueAt.After(now) {
			out = append(out, u)
		}
	}
	slices.SortFunc(out, byDue)
	return out
}

func byDue(a, b model.Undelivered) int { return a.DueAt.Compare(*b.DueAt) }

// earliest is the kept event that is due first, nil without one.
func (c *courier) earliest() *model.Undelivered {
	if len(c.waiting) == 0 {
		return nil
	}
	first := slices.MinFunc(slices.Collect(maps.Values(c.waiting)), byDue)
	return &first
}

func (c *courier) untilDue(now time.Time) time.Duration {
	if first := c.earliest(); first != nil {
		return max(first.DueAt.Sub(now), time.Millisecond)
	}
	return idle
}

// fresh returns the next events of the feeds. They stay there until they are
// settled; those that the receiver did not choose are passed over.
func (c *courier) fresh(ctx context.Context, most int) ([]parcel, error) {
	var out []parcel
	for _, of := range model.Feeds() {
		for len(out) < most {
			p := c.ahead[of]
			if len(p.Events) == 0 {
				if c.r.Cursors[of] >= c.service.feeds.Seen(of) {
					break
				}
				next, err := c.service.feeds.Page(ctx, of, c.r.Cursors[of])
				if err != nil {
					return nil, err
				}
				next.Events = slices.DeleteFunc(slices.Clone(next.Events), func(e feed.Event) bool { return !feed.Wants(c.r, e.Type) })
				c.ahead[of] = next
				if len(next.Events) == 0 {
					c.move(of, next.End)
				}
				continue
			}
			for _, e := range p.Events[:min(len(p.Events), most-len(out))] {
				out = append(out, parcel{Event: e})
			}
			break
		}
	}
	return out, nil
}

// passed moves the cursor over an event of a feed.
func (c *courier) passed(e feed.Event) {
	p := c.ahead[e.Feed]
	for len(p.Events) > 0 && p.Events[0].Sequence <= e.Sequence {
		p.Events = p.Events[1:]
	}
	c.ahead[e.Feed] = p
	if len(p.Events) == 0 {
		c.move(e.Feed, max(e.Sequence, p.End)) // No page is left where it was forgotten.
		return
	}
	c.move(e.Feed, e.Sequence)
}

func (c *courier) move(of model.Feed, to model.Sequence) {
	c.r.Cursors[of] = to
	c.service.keeper.move(c.r.ID, of, to)
}

// settle notes what became of events. A call that was cut off leaves its event,
// and what follows on it in its feed, to be sent again.
func (c *courier) settle(ctx context.Context, parcels []parcel, outcomes []post.Outcome) {
	now := c.service.clock().UTC().Truncate(time.Microsecond)
	stopped := map[model.Feed]bool{}
	for i, p := range parcels {
		o := outcomes[i]
		if o.Result == post.Unknown || p.kept == nil && stopped[p.Feed] {
			stopped[p.Feed] = stopped[p.Feed] || p.kept == nil
			continue
		}
		if o.Result == post.Delivered {
			c.succeeded(ctx, p, now)
		} else {
			c.failed(ctx, p, o, now)
		}
		if p.kept == nil {
			c.passed(p.Event)
		}
	}
	c.service.keeper.state(c.r)
}

func (c *courier) succeeded(ctx context.Context, p parcel, now time.Time) {
	if p.kept != nil {
		delete(c.waiting, p.ID)
		delete(c.rejected, p.ID)
		c.service.keeper.settle(c.r.ID, p.ID)
	}
	if c.failures >= downAfter {
		c.service.log.LogAttrs(ctx, slog.LevelInfo, "webhook receiver answers again", c.about())
		for id, u := range c.waiting {
			if !c.rejected[id] {
				u.DueAt = &now
				c.waiting[id] = u
			}
		}
	}
	c.failures, c.paused = 0, time.Time{}
	c.r.LastSuccessAt, c.r.FailingSince, c.r.Reason = &now, nil, ""
}

func (c *courier) failed(ctx context.Context, p parcel, o post.Outcome, now time.Time) {
	rejected := o.OfEvent()
	if !rejected {
		c.failures++
		c.choosy = o.Answered()
	}
	c.r.Reason = o.Reason
	if c.r.FailingSince == nil {
		c.r.FailingSince = &now
	}
	u := model.Undelivered{EventID: p.ID, Feed: p.Feed, Sequence: p.Sequence, Type: p.Type, CustomerID: p.Customer, Payload: p.Payload, FirstAt: now}
	if p.kept != nil {
		u = *p.kept
	}
	u.ReceiverID, u.Attempts, u.Reason = c.r.ID, u.Attempts+1, o.Reason
	u.DueAt = new(now.Add(max(c.service.delay(u.Attempts, mostDelay), o.RetryAfter)))
	if o.Result == post.Gone || now.Sub(u.FirstAt) >= c.service.settings.RetryFor {
		u.DueAt, u.DiedAt = nil, &now
		delete(c.waiting, u.EventID)
		delete(c.rejected, u.EventID)
		c.r.Dead++
		c.service.log.LogAttrs(ctx, slog.LevelError, "webhook event was given up", c.about(), slog.String("event", u.EventID),
			slog.String("type", u.Type), slog.Int("attempts", u.Attempts), slog.String("reason", u.Reason))
	} else {
		c.waiting[u.EventID] = u
		c.rejected[u.EventID] = rejected
	}
	c.service.keeper.keep(u)
	if !rejected {
		c.rest(ctx, o, now)
	}
}

// rest says how long nothing is sent after a failure, or that nothing is sent
// any more.
func (c *courier) rest(ctx context.Context, o post.Outcome, now time.Time) {
	switch {
	case o.Result == post.Gone:
		c.disable(ctx, "it answered 410 Gone: it wants no more events")
	case c.failures >= downAfter && now.Sub(*c.r.FailingSince) >= c.service.settings.DisableAfter:
		c.disable(ctx, "nothing came through since "+c.r.FailingSince.Format(time.RFC3339)+": "+o.Reason)
	}
	wait := o.RetryAfter
	if c.failures >= downAfter {
		wait = max(wait, c.service.delay(c.failures-downAfter+1, mostPause))
		clear(c.ahead) // What changes meanwhile is read when it answers again.
	}
	if c.failures == downAfter {
		c.service.log.LogAttrs(ctx, slog.LevelWarn, "webhook receiver is down", c.about(), slog.String("reason", o.Reason))
	}
	if until := now.Add(wait); wait > 0 && until.After(c.paused) {
		c.paused = until
	}
}

func (c *courier) disable(ctx context.Context, reason string) {
	c.r.State, c.r.Reason = model.ReceiverDisabled, reason
	c.service.log.LogAttrs(ctx, slog.LevelError, "webhook receiver is disabled: churnwatch webhooks enable starts it again", c.about(), slog.String("reason", reason))
}

func (c *courier) about() slog.Attr {
	return slog.Group("receiver", slog.String("id", c.r.ID), slog.String("name", c.r.Name))
}

const (
	// mostDelay bounds the time between two attempts of one event, mostPause that
	// between two calls of a receiver that is down.
	mostDelay = 12 * time.Hour
	mostPause = 15 * time.Minute
	// growth is by how much the time between attempts grows, spread by how much it
	// varies at random.
	growth = 4
	spread = 0.5
	// steps is after how many attempts it has surely grown to its bound.
	steps = 30
)

// delay is how long to wait after that many failed attempts.
func (s *Service) delay(attempts int, most time.Duration) time.Duration {
	b := backoff.ExponentialBackOff{InitialInterval: s.settings.FirstRetry, RandomizationFactor: spread, Multiplier: growth, MaxInterval: most}
	b.Reset()
	var wait time.Duration
	for range min(attempts, steps) {
		wait = b.NextBackOff()
	}
	return wait
}
