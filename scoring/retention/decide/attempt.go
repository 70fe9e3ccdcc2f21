package decide

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/scoring/retention/guard"
	"github.com/churnwatch/churnwatch/scoring/retention/known"
	"github.com/churnwatch/churnwatch/scoring/retention/playbook"
)

// obstacle is what stands against opening a trigger, and until when; a zero
// until is for good.
type obstacle struct {
	code, reason string
	until        time.Time
}

// looksAt is what a signal is judged by before anything was sent about it, for a
// message by a channel.
func (a *advance) looksAt(s model.Signal, channel string) situation {
	c, ok := a.customers[s.Customer]
	if !ok {
		c = &model.RetentionCustomer{ID: s.Customer}
	}
	return situation{Customer: known.Customer{Of: c, Cut: a.cut}, signal: s, economics: &a.Economics, channel: channel}
}

// situation is what a trigger is judged by now.
func (a *advance) situation(t *model.Trigger) situation {
	s := a.looksAt(t.Signal, t.Channel)
	group := map[string]bool{}
	for _, o := range a.of[t.CustomerID] {
		if o.Playbook == t.Playbook && o.Cause == t.Cause {
			group[o.ID] = true
		}
	}
	for _, o := range s.Sent() {
		if group[o.TriggerID] {
			s.sent = append(s.sent, o)
		}
	}
	return s
}

// attempt opens a trigger at its moment, unless something stands against it:
// then it is suppressed with the reason, or waits, where that ends before the
// step would expire.
func (a *advance) attempt(t *model.Trigger) {
	p, ok := a.books[t.Playbook]
	step, found := a.step(t)
	if !ok || !found || !p.Enabled {
		a.live(t, model.TriggerLife{Status: model.TriggerSuppressed, Code: codePlaybook, Reason: "the playbook or its step was taken away"})
		return
	}
	s := a.situation(t)
	o, blocked := a.obstacle(p, &step, t, s)
	switch {
	case !blocked:
		a.open(p, &step, t, s)
	case o.until.IsZero() || o.until.Sub(t.CausedAt.Add(step.After.Std())) > step.Expires.Std():
		a.live(t, model.TriggerLife{Status: model.TriggerSuppressed, Code: o.code, Reason: o.reason})
	default:
		a.live(t, model.TriggerLife{Status: model.TriggerScheduled, Code: o.code, Reason: o.reason, PlannedAt: &o.until})
		a.push(a.planned(t, plannedPhase))
	}
}

// obstacle returns what stands against a trigger, the reasons for good first.
func (a *advance) obstacle(p *playbook.Playbook, step *playbook.Step, t *model.Trigger, s situation) (obstacle, bool) {
	checks := []func(*playbook.Playbook, *playbook.Step, *model.Trigger, situation) (obstacle, bool){
		a.sequence, a.filter, a.holdout,
	}
	if p.Purpose != playbook.Transactional && !step.Internal() {
		checks = append(checks, a.consent, a.ticket, a.care, a.hotspot, a.ask, a.survey, a.quiet, a.caps)
	}
	for _, check := range append(checks, a.capacity) {
		if o, blocked := check(p, step, t, s); blocked {
			return o, true
		}
	}
	return obstacle{}, false
}

// sequence ends the steps of a playbook that has done its work, or in vain.
func (a *advance) sequence(p *playbook.Playbook, step *playbook.Step, t *model.Trigger, s situation) (obstacle, bool) {
	for _, stop := range []struct {
		on     bool
		holds  func() bool
		reason string
	}{
		{p.Stop.NewAnswer, s.changed, "a newer answer says something else"},
		{p.Stop.Ordered, func() bool { return s.word("ordered") }, "the customer has ordered"},
		{p.Stop.Resolved, func() bool { return s.word("resolved") }, "the issue was resolved"},
	} {
		if stop.on && stop.holds() {
			return obstacle{code: codeStopped, reason: stop.reason}, true
		}
	}
	if step.Name != p.Steps[0].Name && !a.begun(p, t) {
		return obstacle{code: codeNotBegun, reason: "its first step did not happen"}, true
	}
	if p.Stop.Unanswered == 0 || step.Closing || s.word("replied") {
		return obstacle{}, false
	}
	followUps := 0
	first := ID(p.Name, t.CustomerID, t.Cause, p.Steps[0].Name)
	for _, o := range s.sent {
		if o.TriggerID != first {
			followUps++
		}
	}
	if followUps >= p.Stop.Unanswered {
		return obstacle{code: codeStopped, reason: fmt.Sprintf("%d follow-ups without a reply", followUps)}, true
	}
	return obstacle{}, false
}

// begun reports whether an earlier step of the same cause opened, or would have
// for somebody who is not held out.
func (a *advance) begun(p *playbook.Playbook, t *model.Trigger) bool {
	return slices.ContainsFunc(a.of[t.CustomerID], func(o *model.Trigger) bool {
		if o.Playbook != p.Name || o.Cause != t.Cause || o.ID == t.ID {
			return false
		}
		return o.OpenedAt != nil || o.SuppressedBy != nil && *o.SuppressedBy == codeHoldout
	})
}

// filter checks again at the moment of execution whom it is for, and the
// step's own conditions.
func (a *advance) filter(p *playbook.Playbook, step *playbook.Step, _ *model.Trigger, s situation) (obstacle, bool) {
	if why := s.fits(p.For); why != "" {
		return obstacle{code: codeFilter, reason: why}, true
	}
	if unmet := s.unmet(step.If); unmet != "" {
		return obstacle{code: codeFilter, reason: "the step wants: " + unmet}, true
	}
	return obstacle{}, false
}

// holdout comes after the filters and before everything that depends on what
// was sent: both arms are logged alike.
func (a *advance) holdout(_ *playbook.Playbook, _ *playbook.Step, t *model.Trigger, _ situation) (obstacle, bool) {
	return obstacle{code: codeHoldout, reason: "held out, to measure what the rest gain"}, t.Holdout
}

func (a *advance) consent(_ *playbook.Playbook, _ *playbook.Step, _ *model.Trigger, s situation) (obstacle, bool) {
	code, reason := s.WithoutConsent(a.Rules.ConsentUnknown)
	return obstacle{code: code, reason: reason}, code != ""
}

func (a *advance) ticket(_ *playbook.Playbook, _ *playbook.Step, _ *model.Trigger, s situation) (obstacle, bool) {
	open := s.OpenTicket(s.signal.TicketID)
	return obstacle{code: codeTicket, reason: "ticket " + open + " is open"}, open != ""
}

// care keeps what reinforces or sells from who is dissatisfied.
func (a *advance) care(p *playbook.Playbook, step *playbook.Step, _ *model.Trigger, s situation) (obstacle, bool) {
	since := s.Cut.Add(-time.Duration(a.Rules.CareDays) * model.Day)
	blocked := p.Track == playbook.Reinforce && s.LastAnswer(since) == model.Detractor
	return obstacle{code: codeCare, reason: "the last answer was dissatisfied: care comes first"}, blocked || step.Ask != "" && s.mood() == model.Detractor
}

// hotspot pauses single offers to those whom an open systemic issue touches.
func (a *advance) hotspot(_ *playbook.Playbook, step *playbook.Step, t *model.Trigger, s situation) (obstacle, bool) {
	if step.Offers(template(step, s)) == "" {
		return obstacle{}, false
	}
	var touched []string
	for _, scan := range a.Hotspots {
		if !scan.AsOf.After(a.now) {
			touched = scan.Touched[t.CustomerID]
		}
	}
	return obstacle{
		code: codeHotspot, reason: "an open hotspot touches the customer: " + strings.Join(touched, ", "), until: a.now.Add(model.Day),
	}, len(touched) > 0
}

// ask lets one ask pass at a time.
func (a *advance) ask(_ *playbook.Playbook, step *playbook.Step, t *model.Trigger, _ situation) (obstacle, bool) {
	if step.Ask == "" && !step.Survey() {
		return obstacle{}, false
	}
	var until time.Time
	for _, o := range a.of[t.CustomerID] {
		if o.ID == t.ID || o.OpenedAt == nil || o.Ask == "" && o.Action != playbook.ActionSurvey || o.Status == model.TriggerExpired {
			continue
		}
		if free := o.OpenedAt.Add(a.Rules.AskEvery); free.After(a.now) && free.After(until) {
			until = free
		}
	}
	return obstacle{code: codeAsk, reason: "one ask at a time", until: until}, !until.IsZero()
}

// survey keeps surveys apart, every kind counted, those of plans too.
func (a *advance) survey(_ *playbook.Playbook, step *playbook.Step, t *model.Trigger, s situation) (obstacle, bool) {
	if !step.Survey() {
		return obstacle{}, false
	}
	last := s.LastSurvey()
	for _, o := range a.of[t.CustomerID] {
		if o.ID != t.ID && o.Action == playbook.ActionSurvey && o.OpenedAt != nil && o.Status != model.TriggerExpired && o.OpenedAt.After(last) {
			last = *o.OpenedAt
		}
	}
	until := last.Add(a.Rules.SurveyEvery)
	for _, p := range s.Of.Planned {
		if free := p.SendFrom.Add(a.Rules.SurveyEvery); p.Near(a.now, a.Rules.SurveyEvery) && free.After(until) {
			return obstacle{code: codeSurvey, reason: "a survey is planned for " + a.Rules.Day(p.SendFrom), until: free}, true
		}
	}
	return obstacle{
		code: codeSurvey, reason: "the last survey was on " + last.Format(time.DateOnly), until: until,
	}, !last.IsZero() && until.After(a.now)
}

func (a *advance) quiet(_ *playbook.Playbook, _ *playbook.Step, _ *model.Trigger, s situation) (obstacle, bool) {
	until, quiet := a.Rules.Quiet.Until(a.now, a.zone(s))
	return obstacle{code: codeQuiet, reason: "quiet hours of the customer", until: until}, quiet
}

func (a *advance) caps(_ *playbook.Playbook, step *playbook.Step, t *model.Trigger, s situation) (obstacle, bool) {
	exceeded, until, capped := a.Rules.Capped(a.messages(t, s), step.Channel, a.now)
	return obstacle{code: codeCap, reason: "at most " + exceeded.String(), until: until}, capped
}

// messages are those that the customer got, and those that are on their way:
// surveys of plans too, from the day before they may be sent.
func (a *advance) messages(t *model.Trigger, s situation) []guard.Message {
	var out []guard.Message
	for _, p := range s.Of.Planned {
		sent := slices.ContainsFunc(s.Sent(), func(o model.RetentionOutreach) bool {
			return o.Kind == "survey" && !o.SentAt.Before(p.SendFrom) && o.SentAt.Before(p.ExpiresAt)
		})
		if !sent && a.now.Before(p.ExpiresAt) && p.SendFrom.Sub(a.now) < model.Day {
			out = append(out, guard.Message{Channel: p.Channel, Pending: true})
		}
	}
	return append(out, s.Messages(a.of[t.CustomerID], a.Rules.CountTransactional, func(o *model.Trigger) bool {
		return o.ID == t.ID || o.Channel == playbook.ChannelInternal || a.transactional(o) && !a.Rules.CountTransactional
	})...)
}

func (a *advance) transactional(t *model.Trigger) bool {
	p, ok := a.books[t.Playbook]
	return ok && p.Purpose == playbook.Transactional
}

// capacity leaves to the next day what is more than a day's, which comes in the
// order of value then.
func (a *advance) capacity(_ *playbook.Playbook, step *playbook.Step, _ *model.Trigger, _ situation) (obstacle, bool) {
	for _, channel := range []string{"", step.Channel} {
		most, bounded := a.Rules.Capacity[channel]
		if bounded && a.opened[a.Rules.Day(a.now)+channel] >= most {
			return obstacle{code: codeCapacity, reason: fmt.Sprintf("the day's %d are given", most), until: a.Rules.Tomorrow(a.now)}, true
		}
	}
	return obstacle{}, false
}

// open opens a trigger.
func (a *advance) open(p *playbook.Playbook, step *playbook.Step, t *model.Trigger, s situation) {
	owner := step.Owner
	if own := s.Profile().Owner; own != "" && (owner == "care" || owner == "account_manager") {
		owner = own
	}
	text := template(step, s)
	a.live(t, model.TriggerLife{Status: model.TriggerOpen, Opening: &model.TriggerOpening{
		DueAt:   a.due(p, step, t, s),
		Urgency: step.Urgency, Action: step.Action, Template: text.Key, Channel: step.Channel, Owner: owner,
		Offer: step.Offers(text), Ask: step.Ask, Personal: personal(s), Value: a.value(t.CustomerID, a.cut),
	}})
	day := a.Rules.Day(a.now)
	a.opened[day]++
	a.opened[day+step.Channel]++
	for _, o := range s.sent {
		a.reported(o) // What was sent ahead of its moment is done.
	}
	a.plan(t)
}

// zone is the customer's, or the shop's where there is none or nobody knows it.
func (a *advance) zone(s situation) *time.Location {
	return a.zones.Of(s.Profile().TimeZone, a.Rules.Zone)
}

// due is by when a step is to be done, from its moment; from now where it was
// put off beyond that. What became known too late stays overdue.
func (a *advance) due(p *playbook.Playbook, step *playbook.Step, t *model.Trigger, s situation) time.Time {
	zone, told := a.zone(s), !step.Internal() && p.Purpose != playbook.Transactional
	due := a.Rules.Due(t.CausedAt.Add(step.After.Std()), step.Within.Std(), zone, told)
	if due.Before(a.now) && t.Signal.VisibleAt.Before(due) {
		due = a.Rules.Due(a.now, step.Within.Std(), zone, told)
	}
	return due
}

// template is the first that fits the situation.
func template(step *playbook.Step, s situation) playbook.Template {
	for _, t := range step.Templates {
		if s.unmet(t.If) == "" {
			return t
		}
	}
	return playbook.Template{}
}

// personal are the facts that a template may name.
func personal(s situation) map[string]string {
	out := map[string]string{}
	p := s.Profile()
	for name, value := range map[string]string{
		"first_name": p.FirstName, "language": p.Language, "order_id": s.signal.OrderID, "ticket_id": s.signal.TicketID,
		"sku": s.signal.SKU, "theme": s.signal.Theme,
	} {
		if value != "" {
			out[name] = value
		}
	}
	if s.signal.Kind == model.SignalAnswer {
		out["score"] = strconv.FormatFloat(s.signal.Number, 'g', -1, 64)
	}
	for _, e := range s.signal.Evidence {
		if e.Promised != nil {
			out["promised_at"] = e.Promised.Format(time.RFC3339)
		}
		if e.Delivered != nil {
			out["delivered_at"] = e.Delivered.Format(time.RFC3339)
		}
	}
	return out
}
