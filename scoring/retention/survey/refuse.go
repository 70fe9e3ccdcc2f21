package survey

import (
	"fmt"
	"time"

	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/scoring/retention/guard"
	"github.com/churnwatch/churnwatch/scoring/retention/known"
)

// Short names of why somebody is not asked, beside those of consent.
const (
	CodeRecent  = "survey_cap"
	CodePlanned = "survey_planned"
	CodeTrigger = "survey_trigger"
	CodeTicket  = "open_ticket"
	CodeQuiet   = "quiet_hours"
	CodeCap     = "cap"
	CodeKept    = "kept_for_quarter"
)

// leastStretch is the least time in which a survey may be sent on its day.
const leastStretch = time.Hour

// Subject is a customer who may be asked, with what churnwatch has decided about
// him already. That is no fact of his: it counts whatever its instant, so that
// what was decided first keeps away what comes within the time between two
// surveys, before it or after.
type Subject struct {
	known.Customer

	Triggers []*model.Trigger
	// Decided is until when the playbooks have run; zero is for good. What would
	// open later is scheduled yet.
	Decided time.Time
}

// Refusal is what stands against asking somebody.
type Refusal struct{ Code, Reason string }

// Bounds judge whether somebody may be asked.
type Bounds struct {
	Rules guard.Rules
	Zones guard.Zones
	// Exempt are triggers whose messages count towards no cap, Asks those that
	// are surveys.
	Exempt, Asks func(*model.Trigger) bool
	// Expires is how long after its moment a trigger is given up; nil is never.
	Expires func(*model.Trigger) time.Duration
	Channel string
}

// Refuse returns what stands against asking somebody between two instants,
// false and when he may be asked where nothing does: the longest time outside of
// his quiet hours in the day that begins when he first may be. The ticket that
// it is about may be open; own is the planned survey that it is about, "" for
// none yet.
//
// Who is held out from retention counts as having got what he would have got:
// both arms are asked alike.
func (b Bounds) Refuse(s Subject, ticket, own string, from, until time.Time) (r Refusal, begin, end time.Time, refused bool) {
	refuse := func(code, format string, args ...any) (Refusal, time.Time, time.Time, bool) {
		return Refusal{code, fmt.Sprintf(format, args...)}, begin, end, true
	}
	if code, reason := s.WithoutConsent(b.Rules.ConsentUnknown); code != "" {
		return refuse(code, "%s", reason)
	}
	if last := s.LastSurvey(); !last.IsZero() {
		if next := last.Add(b.Rules.SurveyEvery); next.After(from) {
			if until.Sub(next) < leastStretch {
				return refuse(CodeRecent, "the last survey was on %s", last.Format(time.DateOnly))
			}
			from = next
		}
	}
	if p, found := b.planned(s, own, from); found {
		return refuse(CodePlanned, "a survey is planned for %s", b.Rules.Day(p.SendFrom))
	}
	if t, at := b.trigger(s, from); t != nil {
		return refuse(CodeTrigger, "playbook %s asks on %s", t.Playbook, at.Format(time.DateOnly))
	}
	unreported := b.unreported(s)
	for _, m := range unreported {
		if m.asks && apart(m.at, from) < b.Rules.SurveyEvery {
			return refuse(CodeTrigger, "a playbook asks on %s, or would if he were not held out", m.at.Format(time.DateOnly))
		}
	}
	if open := s.OpenTicket(ticket); open != "" {
		return refuse(CodeTicket, "ticket %s is open", open)
	}
	zone := b.Zones.Of(s.Profile().TimeZone, b.Rules.Zone)
	begin, end, found := b.Rules.Quiet.Stretch(from, later(until, from.Add(model.Day)), zone)
	if !found || end.Sub(begin) < leastStretch {
		return refuse(CodeQuiet, "quiet hours of the customer")
	}
	messages := s.Messages(s.Triggers, b.Rules.CountTransactional, b.Exempt)
	for _, m := range unreported {
		if !m.at.After(begin) && (s.Decided.IsZero() || m.at.Before(s.Decided)) {
			messages = append(messages, guard.Message{Channel: m.channel, At: m.at})
		}
	}
	if exceeded, _, capped := b.Rules.Capped(messages, b.Channel, begin); capped {
		return refuse(CodeCap, "at most %s", exceeded.String())
	}
	return r, begin, end, false
}

// planned finds another planned survey that lies too near.
func (b Bounds) planned(s Subject, own string, at time.Time) (model.RetentionSurvey, bool) {
	for _, p := range s.Of.Planned {
		if p.ID != own && p.Near(at, b.Rules.SurveyEvery) {
			return p, true
		}
	}
	return model.RetentionSurvey{}, false
}

// trigger finds a survey of a playbook that lies too near, sent or yet to come.
func (b Bounds) trigger(s Subject, at time.Time) (*model.Trigger, time.Time) {
	for _, t := range s.Triggers {
		if when, asks := b.asked(t); asks && apart(when, at) < b.Rules.SurveyEvery {
			return t, when
		}
	}
	return nil, time.Time{}
}

// asked is when a trigger asks or asked, false where it does not.
func (b Bounds) asked(t *model.Trigger) (time.Time, bool) {
	switch {
	case !b.Asks(t) || t.Status == model.TriggerExpired || t.Status == model.TriggerSuppressed:
		return time.Time{}, false
	case t.OpenedAt != nil:
		return *t.OpenedAt, true
	}
	return t.PlannedAt, true
}

// NextAllowed is from when on somebody may be asked by the time between two
// surveys alone; zero where none is known.
func (b Bounds) NextAllowed(s Subject) time.Time {
	last := s.LastSurvey()
	for _, p := range s.Of.Planned {
		if s.Cut.Before(p.ExpiresAt) {
			last = later(last, p.SendFrom)
		}
	}
	for _, t := range s.Triggers {
		if when, asks := b.asked(t); asks {
			last = later(last, when)
		}
	}
	for _, m := range b.unreported(s) {
		if m.asks {
			last = later(last, m.at)
		}
	}
	if last.IsZero() {
		return last
	}
	return last.Add(b.Rules.SurveyEvery)
}

func apart(a, b time.Time) time.Duration { return max(a.Sub(b), b.Sub(a)) }
