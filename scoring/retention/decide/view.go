package decide

import (
	"slices"
	"time"

	"github.com/churnwatch/churnwatch/model"
)

// view is a customer as known before an instant. Everything it says comes from
// facts that were visible before cut.
type view struct {
	of  *model.RetentionCustomer
	cut time.Time
}

func (v view) profile() (newest model.RetentionProfile) {
	for _, p := range v.of.Profiles {
		if p.KnownAt.Before(v.cut) {
			newest = p
		}
	}
	return newest
}

// score is the newest published score, nil without one. What was published as
// of the instant itself counts: it says what was known before.
func (v view) score() (newest *model.RetentionScore) {
	for i, s := range v.of.Scores {
		if !s.AsOf.After(v.cut) {
			newest = &v.of.Scores[i]
		}
	}
	return newest
}

// consent is what is known of it: an unsubscribe ends it until a newer profile
// gives it again.
func (v view) consent() *bool {
	p := v.profile()
	for _, at := range v.of.Unsubscribed {
		if at.Before(v.cut) && !at.Before(p.KnownAt) {
			no := false
			return &no
		}
	}
	return p.Consent
}

// openTicket returns a ticket that is open, the one excepted that a message is
// about; "" without one.
func (v view) openTicket(except string) string {
	newest := map[string]model.RetentionTicket{}
	for _, t := range v.of.Tickets {
		if t.KnownAt.Before(v.cut) && t.OpenedAt.Before(v.cut) {
			newest[t.ID] = t
		}
	}
	open := ""
	for id, t := range newest {
		if id != except && (t.ResolvedAt == nil || !t.ResolvedAt.Before(v.cut)) && (open == "" || id < open) {
			open = id
		}
	}
	return open
}

// sitting is how far apart answers are that were given in one go.
const sitting = time.Hour

// lastAnswer returns the group of the newest answer since an instant, of
// several given in one go the least content; "" without one.
func (v view) lastAnswer(since time.Time) (group model.AnswerGroup) {
	var newest time.Time
	for _, a := range v.of.Answers {
		if a.VisibleAt.Before(v.cut) && !a.VisibleAt.Before(since) && a.VisibleAt.After(newest) {
			newest = a.VisibleAt
		}
	}
	for _, a := range v.of.Answers {
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

// answeredAfter returns the group of the newest answer that came after an
// instant and not in the same go; "" without one.
func (v view) answeredAfter(t time.Time) model.AnswerGroup { return v.lastAnswer(t.Add(sitting)) }

// orderedAfter reports whether an order was placed after an instant; with an
// article, one of that article.
func (v view) orderedAfter(t time.Time, sku string) bool {
	for _, o := range v.of.Orders {
		if o.OrderedAt.After(t) && o.VisibleAt.Before(v.cut) && (sku == "" || v.holds(o, sku)) {
			return true
		}
	}
	return false
}

// holds reports whether an order is known to have an article in it.
func (v view) holds(o model.RetentionOrder, sku string) bool {
	return slices.ContainsFunc(o.Articles, func(a model.RetentionArticle) bool { return a.SKU == sku && a.VisibleAt.Before(v.cut) })
}

// delivered reports whether an order has arrived.
func (v view) delivered(order string) bool {
	return slices.ContainsFunc(v.of.Orders, func(o model.RetentionOrder) bool { return o.ID == order && v.before(o.Delivered) })
}

// sent returns the messages that were known to be sent.
func (v view) sent() []model.RetentionOutreach {
	var out []model.RetentionOutreach
	for _, o := range v.of.Outreach {
		if o.VisibleAt.Before(v.cut) {
			out = append(out, o)
		}
	}
	return out
}

// lastSurvey is when the newest survey was sent, zero without one.
func (v view) lastSurvey() (last time.Time) {
	for _, o := range v.sent() {
		if o.Kind == "survey" && o.SentAt.After(last) {
			last = o.SentAt
		}
	}
	return last
}

// before reports whether something happened that was known before the cut.
func (v view) before(t *time.Time) bool { return t != nil && t.Before(v.cut) }

// since is when the customer's time with the shop began, as far as is known.
func (v view) since() (time.Time, bool) {
	if p := v.profile(); p.SignedUp != nil && p.SignedUp.Before(v.cut) {
		return *p.SignedUp, true
	}
	if v.before(v.of.FirstOrder) {
		return *v.of.FirstOrder, true
	}
	return time.Time{}, false
}
