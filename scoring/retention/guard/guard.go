// Package guard keeps messages within bounds: how many a customer gets, at what
// hours, and what is due when. It is arithmetic on instants and knows no
// customer and no clock.
package guard

import (
	"fmt"
	"slices"
	"time"

	"github.com/churnwatch/churnwatch/model"
)

// Rules are the bounds in force. [Default] is what a shop gets that sets none.
type Rules struct {
	// Zone is the shop's own, for customers without one and for its days.
	Zone *time.Location
	// Quiet are the hours without messages in the customer's zone.
	Quiet Hours
	// Business are the hours in which people work; the zero value is always.
	Business Business
	// Caps bound the messages to one customer.
	Caps []Cap
	// SurveyEvery is the least time between two surveys of any kind.
	SurveyEvery time.Duration
	// AskEvery is the least time between two asks.
	AskEvery time.Duration
	// Capacity bounds what opens on a day of the shop by channel; "" is all
	// channels together.
	Capacity map[string]int
	// ConsentUnknown says that a customer of whom no consent is known may be
	// written to.
	ConsentUnknown bool
	// CountTransactional counts transactional messages towards the caps.
	CountTransactional bool
	// CareDays is how long a dissatisfied answer keeps a customer on the care
	// track.
	CareDays int
}

// Default are the rules of a shop that sets none.
func Default() Rules {
	return Rules{
		Zone:  time.UTC,
		Quiet: Hours{From: 21 * time.Hour, To: 8 * time.Hour},
		Caps: []Cap{
			{Most: 3, Days: 7},
			{Most: 6, Days: 30},
			{Channel: "phone", Most: 1, Days: 7},
			{Channel: "sms", Most: 1, Days: 7},
		},
		SurveyEvery: 90 * model.Day, AskEvery: 7 * model.Day, CareDays: 90,
	}
}

// Hours are those of a day from From until To, over midnight where To is not
// after From; equal ones are none.
type Hours struct{ From, To time.Duration }

// Until returns the end of the hours that t lies in, in the zone, and false
// where it lies in none.
func (h Hours) Until(t time.Time, zone *time.Location) (time.Time, bool) {
	if h.From == h.To {
		return t, false
	}
	local := t.In(zone)
	for _, day := range []int{-1, 0} {
		from, to := clockAt(local, day, h.From), clockAt(local, day, h.To)
		if h.To <= h.From {
			to = clockAt(local, day+1, h.To)
		}
		if !t.Before(from) && t.Before(to) {
			return to.UTC(), true
		}
	}
	return t, false
}

// Stretch returns the longest time without such hours from an instant until
// another, the first of several as long; false where all of it lies in them.
func (h Hours) Stretch(from, until time.Time, zone *time.Location) (begin, end time.Time, found bool) {
	for t := from; t.Before(until); {
		if over, quiet := h.Until(t, zone); quiet {
			t = over
			continue
		}
		next := h.next(t, zone)
		if next.IsZero() || next.After(until) {
			next = until
		}
		if !found || next.Sub(t) > end.Sub(begin) {
			begin, end, found = t, next, true
		}
		t = next
	}
	return begin, end, found
}

// next is when the hours begin after t, zero for none.
func (h Hours) next(t time.Time, zone *time.Location) time.Time {
	if h.From == h.To {
		return time.Time{}
	}
	local := t.In(zone)
	for day := 0; ; day++ {
		if from := clockAt(local, day, h.From); from.After(t) {
			return from.UTC()
		}
	}
}

// since returns when the hours began that t lies in.
func (h Hours) since(t time.Time, zone *time.Location) time.Time {
	local := t.In(zone)
	if from := clockAt(local, 0, h.From); !t.Before(from) {
		return from.UTC()
	}
	return clockAt(local, -1, h.From).UTC()
}

// clockAt is a time of the day some days after t's, where a clock that is put
// forward skips it the one that it shows instead.
func clockAt(t time.Time, days int, at time.Duration) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day()+days, 0, int(at/time.Minute), 0, 0, t.Location())
}

// Business are the hours in which people work.
type Business struct {
	// Days are the working ones; none is all.
	Days []time.Weekday
	// From until To is the working time of a day; equal ones are the whole day.
	From, To time.Duration
	// Holidays are days without work, written 2026-12-25.
	Holidays []string
}

// always reports whether there is no time without work.
func (b Business) always() bool { return len(b.Days) == 0 && b.From == b.To && len(b.Holidays) == 0 }

// working reports whether people work on the day of t.
func (b Business) working(t time.Time) bool {
	return (len(b.Days) == 0 || slices.Contains(b.Days, t.Weekday())) && !slices.Contains(b.Holidays, t.Format(time.DateOnly))
}

// hours returns the working time on a day some days after t's.
func (b Business) hours(t time.Time, days int) (from, to time.Time) {
	if b.From == b.To {
		return clockAt(t, days, 0), clockAt(t, days+1, 0)
	}
	return clockAt(t, days, b.From), clockAt(t, days, b.To)
}

// longestPause bounds the search for working time.
const longestPause = 60

// Add returns when a span of work that begins at t has passed. Whole days are
// working days, the rest is counted in working hours. Without sixty days of
// work it is t plus the span.
func (b Business) Add(t time.Time, span time.Duration, zone *time.Location) time.Time {
	if b.always() {
		return t.Add(span)
	}
	at := t.In(zone)
	for days := int(span / model.Day); days > 0; days-- {
		next, ok := b.next(clockAt(at, 1, at.Sub(clockAt(at, 0, 0))))
		if !ok {
			return t.Add(span)
		}
		at = next
	}
	left := span % model.Day
	for range longestPause {
		from, to := b.hours(at, 0)
		if b.working(at) && at.Before(to) {
			begin := at
			if begin.Before(from) {
				begin = from
			}
			if rest := to.Sub(begin); left <= rest {
				return begin.Add(left).UTC()
			}
			left -= to.Sub(begin)
		}
		at = clockAt(at, 1, 0)
	}
	return t.Add(span)
}

// next is t on the first working day from its own on.
func (b Business) next(t time.Time) (time.Time, bool) {
	for range longestPause {
		if b.working(t) {
			return t, true
		}
		t = clockAt(t, 1, t.Sub(clockAt(t, 0, 0)))
	}
	return t, false
}

// Due returns by when something is to be done that a customer is told: within
// a span from the instant, in the shop's working hours. Where that falls into
// the customer's quiet hours, what was left of it when they began is added to
// their end.
func (r Rules) Due(from time.Time, within time.Duration, zone *time.Location, told bool) time.Time {
	due := r.Business.Add(from, within, r.Zone)
	if !told {
		return due
	}
	end, quiet := r.Quiet.Until(due, zone)
	if !quiet {
		return due
	}
	began := r.Quiet.since(due, zone)
	if began.Before(from) {
		began = from
	}
	return end.Add(due.Sub(began))
}

// Day names the shop's day that t lies in.
func (r Rules) Day(t time.Time) string { return t.In(r.Zone).Format(time.DateOnly) }

// Tomorrow is the start of the shop's next day.
func (r Rules) Tomorrow(t time.Time) time.Time { return clockAt(t.In(r.Zone), 1, 0).UTC() }

// Today is the start of the shop's day that t lies in.
func (r Rules) Today(t time.Time) time.Time { return clockAt(t.In(r.Zone), 0, 0).UTC() }

// Cap bounds the messages of a channel ("" is all) within rolling days.
type Cap struct {
	Channel string
	Most    int
	Days    int
}

// String says the cap.
func (c Cap) String() string {
	of := "messages"
	if c.Channel != "" {
		of = "by " + c.Channel
	}
	return fmt.Sprintf("%d %s in %d days", c.Most, of, c.Days)
}

// Message is one that a customer got, or that is on its way: then At is when
// it may be sent at the latest, which is not known, so it counts as of now.
type Message struct {
	Channel string
	At      time.Time
	Pending bool
}

// Capped returns the cap that one more message by the channel at t would
// exceed, and when it would no longer: as far as is known, the end of the wait
// for a message that is on its way being a day.
func (r Rules) Capped(messages []Message, channel string, t time.Time) (exceeded Cap, until time.Time, capped bool) {
	for _, c := range r.Caps {
		if c.Channel != "" && c.Channel != channel {
			continue
		}
		window := time.Duration(c.Days) * model.Day
		var counted []time.Time
		for _, m := range messages {
			switch {
			case c.Channel != "" && c.Channel != m.Channel:
			case m.Pending:
				counted = append(counted, t.Add(model.Day-window))
			case m.At.After(t.Add(-window)):
				counted = append(counted, m.At)
			}
		}
		if len(counted) < c.Most {
			continue
		}
		slices.SortFunc(counted, time.Time.Compare)
		free := counted[len(counted)-c.Most].Add(window)
		if !capped || free.After(until) {
			exceeded, until, capped = c, free, true
		}
	}
	return exceeded, until, capped
}
