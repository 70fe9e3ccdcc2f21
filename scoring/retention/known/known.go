// Package known tells what was known of a customer before an instant, for
// decisions that must be the same whenever they are made again.
package known

import (
	"slices"
	"time"

	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/scoring/retention/guard"
)

// Customer is a customer as known before an instant. Everything it says comes
// from facts that were visible before Cut.
type Customer struct {
	Of  *model.RetentionCustomer
	Cut time.Time
}

// Profile is the newest version of the customer's row, the zero one without any.
func (c Customer) Profile() (newest model.RetentionProfile) {
	for _, p := range c.Of.Profiles {
		if p.KnownAt.Before(c.Cut) {
			newest = p
		}
	}
	return newest
}

// Score is the newest published score, nil without one. What was published as
// of the instant itself counts: it says what was known before.
func (c Customer) Score() (newest *model.RetentionScore) {
	for i, s := range c.Of.Scores {
		if !s.AsOf.After(c.Cut) {
			newest = &c.Of.Scores[i]
		}
	}
	return newest
}

// Consent is what is known of it: an unsubscribe ends it until a newer profile
// gives it again.
func (c Customer) Consent() *bool {
	p := c.Profile()
	for _, at := range c.Of.Unsubscribed {
		if at.Before(c.Cut) && !at.Before(p.KnownAt) {
			no := false
			return &no
		}
	}
	return p.Consent
}

// Short names of why a customer must not be written to.
const (
	CodeConsent        = "consent"
	CodeConsentUnknown = "consent_unknown"
)

// WithoutConsent returns a short name and words for why the customer must not
// be written to, "" where he may: also where none is known, if that is allowed.
func (c Customer) WithoutConsent(unknownAllowed bool) (code, reason string) {
	switch consent := c.Consent(); {
	case consent == nil && !unknownAllowed:
		return CodeConsentUnknown, "no consent is known (customers.marketing_consent)"
	case consent != nil && !*consent:
		return CodeConsent, "no consent"
	}
	return "", ""
}

// OpenTicket returns a ticket that is open, the one excepted that a message is
// about; "" without one.
func (c Customer) OpenTicket(except string) string {
	newest := map[string]model.RetentionTicket{}
	for _, t := range c.Of.Tickets {
		if t.KnownAt.Before(c.Cut) && t.OpenedAt.Before(c.Cut) {
			newest[t.ID] = t
		}
	}
	open := ""
	for id, t := range newest {
		if id != except && (t.ResolvedAt == nil || !t.ResolvedAt.Before(c.Cut)) && (open == "" || id < open) {
			open = id
		}
	}
	return open
}

// sitting is how far apart answers are that were given in one go.
const sitting = time.Hour

// LastAnswer returns the group of the newest answer since an instant, of
// several given in one go the least content; "" without one.
func (c Customer) LastAnswer(since time.Time) (group model.AnswerGroup) {
	var newest time.Time
	for _, a := range c.Of.Answers {
		if a.VisibleAt.Before(c.Cut) && !a.VisibleAt.Before(since) && a.VisibleAt.After(newest) {
			newest = a.VisibleAt
		}
	}
	for _, a := range c.Of.Answers {
		if a.VisibleAt.After(newest) || a.VisibleAt.Before(since) || newest.Sub(a.VisibleAt) >= sitting {
			continue
		}
		g := model.AnswerGroupOf(a.Kind, a.Score)
		if order := model.AnswerGroups(); slices.Index(order, g) > slices.Index(order, group) {
			group = g
		}
	}
	return group
}

// AnsweredAfter returns the group of the newest answer that came after an
// instant and not in the same go; "" without one.
func (c Customer) AnsweredAfter(t time.Time) model.AnswerGroup { return c.LastAnswer(t.Add(sitting)) }

// OrderedAfter reports whether an order was placed after an instant; with an
// article, one of that article.
func (c Customer) OrderedAfter(t time.Time, sku string) bool {
	for _, o := range c.Of.Orders {
		if o.OrderedAt.After(t) && o.VisibleAt.Before(c.Cut) && (sku == "" || c.holds(o, sku)) {
			return true
		}
	}
	return false
}

// holds reports whether an order is known to have an article in it.
func (c Customer) holds(o model.RetentionOrder, sku string) bool {
	return slices.ContainsFunc(o.Articles, func(a model.RetentionArticle) bool { return a.SKU == sku && a.VisibleAt.Before(c.Cut) })
}

// Delivered reports whether an order has arrived.
func (c Customer) Delivered(order string) bool {
	return slices.ContainsFunc(c.Of.Orders, func(o model.RetentionOrder) bool { return o.ID == order && c.Before(o.Delivered) })
}

// Sent returns the messages that were known to be sent.
func (c Customer) Sent() []model.RetentionOutreach {
	var out []model.RetentionOutreach
	for _, o := range c.Of.Outreach {
		if o.VisibleAt.Before(c.Cut) {
			out = append(out, o)
		}
	}
	return out
}

// Messages are those that the customer got, and those that triggers of his have
// on their way. Transactional ones count where they are to; triggers that are
// exempt do not.
func (c Customer) Messages(triggers []*model.Trigger, transactional bool, exempt func(*model.Trigger) bool) (out []guard.Message) {
	reported := map[string]bool{}
	for _, o := range c.Sent() {
		reported[o.TriggerID] = true
		if o.Kind != "transactional" || transactional {
			out = append(out, guard.Message{Channel: o.Channel, At: o.SentAt})
		}
	}
	for _, t := range triggers {
		switch {
		case exempt(t) || reported[t.ID] || t.OpenedAt == nil:
		case t.Status.Actionable():
			out = append(out, guard.Message{Channel: t.Channel, Pending: true})
		case t.Status == model.TriggerDone: // Somebody said so; no outreach did.
			out = append(out, guard.Message{Channel: t.Channel, At: *t.OpenedAt})
		}
	}
	return out
}

// surveyOpen is how long a survey is answered.
const surveyOpen = 14 * model.Day

// LastSurvey is when the newest survey was sent, zero without one. Somebody who
// answered one that nobody reported sent was asked too, then at the latest.
func (c Customer) LastSurvey() (last time.Time) {
	var sent []time.Time
	for _, o := range c.Sent() {
		if o.Kind == "survey" {
			sent = append(sent, o.SentAt)
		}
	}
	for _, a := range c.Of.Answers {
		told := func(t time.Time) bool { return !t.After(a.AnsweredAt) && a.AnsweredAt.Sub(t) < surveyOpen }
		if a.VisibleAt.Before(c.Cut) && slices.Contains([]string{"nps", "csat", "ces"}, a.Kind) && !slices.ContainsFunc(sent, told) && a.AnsweredAt.After(last) {
			last = a.AnsweredAt
		}
	}
	for _, t := range sent {
		if t.After(last) {
			last = t
		}
	}
	return last
}

// Before reports whether something happened that was known before the cut.
func (c Customer) Before(t *time.Time) bool { return t != nil && t.Before(c.Cut) }

// Since is when the customer's time with the shop began, as far as is known.
func (c Customer) Since() (time.Time, bool) {
	if p := c.Profile(); p.SignedUp != nil && p.SignedUp.Before(c.Cut) {
		return *p.SignedUp, true
	}
	if c.Before(c.Of.FirstOrder) {
		return *c.Of.FirstOrder, true
	}
	return time.Time{}, false
}
