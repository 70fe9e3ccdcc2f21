package decide

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/scoring/retention/known"
	"github.com/churnwatch/churnwatch/scoring/retention/playbook"
)

// Short names of why something was suppressed.
const (
	codeHoldout    = "holdout"
	codeTicket     = "open_ticket"
	codeCare       = "care_track"
	codeAsk        = "one_ask"
	codeSurvey     = "survey_cap"
	codeCap        = "cap"
	codeQuiet      = "quiet_hours"
	codeCapacity   = "capacity"
	codeHotspot    = "hotspot"
	codeStopped    = "stopped"
	codeFilter     = "filter"
	codeNotBegun   = "not_begun"
	codeNotRearmed = "not_rearmed"
	codeLate       = "late"
	codePlaybook   = "playbook_gone"
)

// Randomised are the codes by which a trigger counts in the comparison with the
// holdout: that of being held out, and of everything that is asked after it.
// Before it both arms are asked the same.
func Randomised() []string {
	return []string{
		codeHoldout, known.CodeConsent, known.CodeConsentUnknown, codeTicket, codeCare, codeHotspot, codeAsk, codeSurvey, codeQuiet, codeCap,
		codeCapacity,
	}
}

// ID derives a trigger's id from what makes it the one that it is.
func ID(book, customer, cause, step string) string {
	sum := sha256.Sum256([]byte(book + "\x1f" + customer + "\x1f" + cause + "\x1f" + step))
	return hex.EncodeToString(sum[:10])
}

// signal sets off the playbooks that it fits.
func (a *advance) signal(s model.Signal) {
	for i := range a.Playbooks {
		if p := &a.Playbooks[i]; p.Fits(s) {
			a.begin(p, s)
		}
	}
}

// begin plans a playbook's steps for a customer and cause. Whom it is not for at
// that moment it passes over; what it can't do any more is suppressed with the
// reason.
func (a *advance) begin(p *playbook.Playbook, s model.Signal) {
	cause := string(s.Kind) + ":" + s.Key
	if _, seen := a.triggers[ID(p.Name, s.Customer, cause, p.Steps[0].Name)]; seen {
		return
	}
	now := a.looksAt(s, p.Steps[0].Channel)
	if p.Steps[0].After == 0 && now.fits(p.For) != "" {
		return // Whatever its moment by an experiment: all variants are asked alike.
	}
	arm := a.assigned(p, s.Customer, now.mood())
	p = a.varied(p, arm.moment)
	first := a.made(p, &p.Steps[0], s, cause, arm)
	code, reason := "", ""
	if age := a.now.Sub(s.At); age > p.Stale.Std() {
		code, reason = codeLate, fmt.Sprintf("known only %.1f days after it happened", model.Days(age))
	} else if last, waits := a.rearms(p, s); waits {
		code, reason = codeNotRearmed, fmt.Sprintf("the playbook began for the customer at %s and is armed again from %s on",
			last.Format(time.RFC3339), last.Add(p.Rearm.Std()).Format(time.RFC3339))
	}
	if code == codeNotRearmed && s.Kind == model.SignalDecline {
		return // It is a state that goes on, not another cause.
	}
	if code != "" {
		a.add(first)
		a.live(first, model.TriggerLife{Status: model.TriggerSuppressed, Code: code, Reason: reason})
		return
	}
	for i := range p.Steps {
		t := a.made(p, &p.Steps[i], s, cause, arm)
		a.add(t)
		planned := t.PlannedAt
		a.live(t, model.TriggerLife{Status: model.TriggerScheduled, PlannedAt: &planned})
		phase := plannedPhase
		if a.cut.After(a.now) && !planned.After(a.now) {
			phase = immediatePhase
		}
		a.push(a.planned(t, phase))
	}
}

func (a *advance) add(t *model.Trigger) {
	a.keep(t)
	a.out.Triggers = append(a.out.Triggers, *t)
}

// made is a step's trigger before its life begins.
func (a *advance) made(p *playbook.Playbook, step *playbook.Step, s model.Signal, cause string, arm assignment) *model.Trigger {
	planned := s.At.Add(step.After.Std())
	if planned.Before(a.now) {
		planned = a.now
	}
	evidence := s.Evidence
	if evidence == nil {
		evidence = []model.Evidence{}
	}
	return &model.Trigger{
		ID: ID(p.Name, s.Customer, cause, step.Name), CustomerID: s.Customer, Playbook: p.Name, Step: step.Name,
		Reason: reason(p, s), Urgency: step.Urgency, Action: step.Action, Channel: step.Channel, Owner: step.Owner,
		Offer: step.Offer, Ask: step.Ask, Template: step.Templates[len(step.Templates)-1].Key,
		Holdout: arm.held, Evidence: evidence, Cause: cause, CausedAt: s.At, PlannedAt: planned,
		Personal: map[string]string{}, Signal: s, Measured: p.Measured(), Segment: arm.segment, Experiment: arm.experiment,
	}
}

// rearms returns the last cause that the playbook began with for the customer,
// and whether it is too young for another.
func (a *advance) rearms(p *playbook.Playbook, s model.Signal) (last time.Time, waits bool) {
	for _, t := range a.of[s.Customer] {
		if t.Playbook != p.Name || t.Step != p.Steps[0].Name {
			continue
		}
		if by := t.SuppressedBy; by != nil && (*by == codeNotRearmed || *by == codeLate) {
			continue
		}
		if !waits || t.CausedAt.After(last) {
			last, waits = t.CausedAt, true
		}
	}
	return last, waits && s.At.Sub(last) < p.Rearm.Std()
}

// spelled writes a kind of survey as people do.
func spelled(kind string) string {
	switch kind {
	case "nps", "csat", "ces":
		return strings.ToUpper(kind)
	}
	return kind
}

// reason says in words what set a playbook off.
func reason(p *playbook.Playbook, s model.Signal) string {
	switch s.Kind {
	case model.SignalAnswer:
		text := fmt.Sprintf("%s answer of %g", spelled(s.Word), s.Number)
		if s.Comment {
			text += " with a comment"
		}
		return text
	case model.SignalRisk:
		return risen(s)
	case model.SignalRenewal:
		return fmt.Sprintf("a contract renews in %.0f days", s.Number)
	case model.SignalSilence:
		return fmt.Sprintf("%.0f surveys without an answer", s.Number)
	case model.SignalGroup:
		return fmt.Sprintf("%.0f customers of %s %s decline together", s.Number, s.Word, s.Group)
	case model.SignalDecline:
		return fmt.Sprintf("orders or spend changed by %+.0f %% in 60 days, relative to the shop", 100*s.Number)
	case model.SignalDrift, model.SignalIncident, model.SignalEvent, model.SignalOrder, model.SignalDelivery,
		model.SignalResolved, model.SignalTrialEnd:
	}
	return p.Label
}

// risen says what a risk is, and that it rose where it is known to have been lower.
func risen(s model.Signal) string {
	verb, at := "is", fmt.Sprintf("%.0f %%", 100*s.Number)
	if s.Rose {
		verb = "rose to"
	}
	if at == "100 %" {
		at = "over 99 %"
	}
	return fmt.Sprintf("churn risk %s %s", verb, at)
}

// WhyNot says why a playbook made no trigger of the signals of one customer.
func WhyNot(in Input, p *playbook.Playbook) string {
	why := "nothing set it off"
	for _, s := range in.Signals {
		if s.Kind != p.When.Kind {
			continue
		}
		if !p.Fits(s) {
			why = "what happened does not fit: " + reason(p, s)
			continue
		}
		for i := range in.Customers {
			if in.Customers[i].ID == s.Customer {
				now := situation{
					Customer: known.Customer{Of: &in.Customers[i], Cut: s.VisibleAt.Add(1)}, signal: s,
					economics: &in.Economics, channel: p.Steps[0].Channel,
				}
				return now.fits(p.For)
			}
		}
	}
	return why
}
