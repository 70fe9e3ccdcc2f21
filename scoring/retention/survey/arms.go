package survey

import (
	"slices"
	"time"

	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/scoring/retention/guard"
	"github.com/churnwatch/churnwatch/scoring/retention/known"
)

// message is one that counts as sent although no fact says so.
type message struct {
	at      time.Time
	channel string
	asks    bool // that it is a survey
	ask     bool // that it asks for something
}

// mostPutOff bounds how often a message is put off before it is given up.
const mostPutOff = 20

// unreported returns what counts as sent to a customer although no fact says
// so, oldest first: of who is held out, what he would have got; of all, what
// opened and expired, which may have been sent.
//
// Facts alone would tell the arms apart: who is treated gets messages that use
// up his caps and the time between two surveys, so he would be asked less than
// who is held out, and at other times.
func (b Bounds) unreported(s Subject) (out []message) {
	for _, t := range slices.SortedStableFunc(slices.Values(s.Triggers), func(a, b *model.Trigger) int { return a.PlannedAt.Compare(b.PlannedAt) }) {
		if b.Exempt(t) {
			continue
		}
		m := message{channel: t.Channel, asks: b.Asks(t), ask: t.Ask != "" || b.Asks(t)}
		switch {
		case t.OpenedAt != nil && t.Status == model.TriggerExpired:
			m.at = *t.OpenedAt
		case t.SuppressedBy != nil && *t.SuppressedBy == model.HeldOut:
			at, sent := b.wouldOpen(s, t, m, out)
			if !sent {
				continue
			}
			m.at = at
		default:
			continue
		}
		out = append(out, m)
	}
	slices.SortStableFunc(out, func(a, b message) int { return a.at.Compare(b.at) })
	return out
}

// wouldOpen says when a trigger would have opened for somebody who is held out,
// by the guardrails of the treated; false where it would have been suppressed.
// What depends on the whole shop, its capacity and its hotspots, is left out.
func (b Bounds) wouldOpen(s Subject, t *model.Trigger, m message, before []message) (time.Time, bool) {
	at := t.PlannedAt
	for range mostPutOff {
		c := known.Customer{Of: s.Of, Cut: at}
		if code, _ := c.WithoutConsent(b.Rules.ConsentUnknown); code != "" || c.OpenTicket(t.Signal.TicketID) != "" {
			return at, false
		}
		next := later(at, b.freeToAsk(c, m, before))
		if until, quiet := b.Rules.Quiet.Until(next, b.Zones.Of(c.Profile().TimeZone, b.Rules.Zone)); quiet {
			next = until
		}
		if _, until, capped := b.Rules.Capped(b.counted(c, before), m.channel, next); capped {
			next = later(next, until)
		}
		if b.Expires != nil && next.Sub(t.PlannedAt) > b.Expires(t) {
			return at, false
		}
		if next.Equal(at) {
			return at, true
		}
		at = next
	}
	return at, false
}

// freeToAsk is from when on a message may ask something by what was asked
// before; zero where nothing was, or it asks nothing.
func (b Bounds) freeToAsk(c known.Customer, m message, before []message) (free time.Time) {
	if !m.ask {
		return free
	}
	if last := c.LastSurvey(); m.asks && !last.IsZero() {
		free = last.Add(b.Rules.SurveyEvery)
	}
	for _, o := range before {
		if o.ask {
			free = later(free, o.at.Add(b.Rules.AskEvery))
		}
		if o.asks && m.asks {
			free = later(free, o.at.Add(b.Rules.SurveyEvery))
		}
	}
	for _, p := range c.Of.Planned {
		if m.asks && p.Near(c.Cut, b.Rules.SurveyEvery) {
			free = later(free, p.SendFrom.Add(b.Rules.SurveyEvery))
		}
	}
	return free
}

// counted are the messages that a customer got, by facts and others.
func (b Bounds) counted(c known.Customer, others []message) []guard.Message {
	out := c.Messages(nil, b.Rules.CountTransactional, b.Exempt)
	for _, m := range others {
		out = append(out, guard.Message{Channel: m.channel, At: m.at})
	}
	return out
}
