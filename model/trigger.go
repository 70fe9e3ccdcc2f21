package model

import (
	"slices"
	"time"
)

// TriggerStatus is where a trigger is in its life.
type TriggerStatus string

// The statuses. A scheduled trigger waits for its moment and is not shown
// unless it is asked for; done, expired and suppressed are final.
const (
	TriggerScheduled    TriggerStatus = "scheduled"
	TriggerOpen         TriggerStatus = "open"
	TriggerAcknowledged TriggerStatus = "acknowledged"
	TriggerEscalated    TriggerStatus = "escalated"
	TriggerDone         TriggerStatus = "done"
	TriggerExpired      TriggerStatus = "expired"
	TriggerSuppressed   TriggerStatus = "suppressed"
)

// TriggerStatuses returns all of them, in the order of a life.
func TriggerStatuses() []TriggerStatus {
	return []TriggerStatus{
		TriggerScheduled, TriggerOpen, TriggerAcknowledged, TriggerEscalated, TriggerDone, TriggerExpired, TriggerSuppressed,
	}
}

// TriggerWithdrawn is the code by which a trigger is suppressed that came after a
// backup which was restored: what it rests on may be gone. Where it is not, the
// same cause makes the trigger anew.
const TriggerWithdrawn = "withdrawn"

// Final reports whether nothing follows on the status.
func (s TriggerStatus) Final() bool {
	return s == TriggerDone || s == TriggerExpired || s == TriggerSuppressed
}

// Actionable reports whether somebody is to do something.
func (s TriggerStatus) Actionable() bool {
	return s == TriggerOpen || s == TriggerAcknowledged || s == TriggerEscalated
}

// Known reports whether there is such a status.
func (s TriggerStatus) Known() bool { return slices.Contains(TriggerStatuses(), s) }

// Urgency is how soon somebody should act.
type Urgency string

// The urgencies.
const (
	UrgencyLow      Urgency = "low"
	UrgencyMedium   Urgency = "medium"
	UrgencyHigh     Urgency = "high"
	UrgencyCritical Urgency = "critical"
)

// Urgencies returns all of them, lowest first.
func Urgencies() []Urgency { return []Urgency{UrgencyLow, UrgencyMedium, UrgencyHigh, UrgencyCritical} }

// Trigger is one step of a playbook for one customer and one cause. Its id is
// derived from these four, so the same cause never makes it twice.
type Trigger struct {
	ID         string  `json:"trigger_id"`
	CustomerID string  `json:"customer_id"`
	Playbook   string  `json:"playbook"`
	Reason     string  `json:"reason"`
	Urgency    Urgency `json:"urgency"`
	// Status and the times are what the newest life says. OpenedAt and DueAt are
	// nil before it opened.
	Status   TriggerStatus `json:"status"`
	OpenedAt *time.Time    `json:"opened_at"`
	DueAt    *time.Time    `json:"due_at"`
	Overdue  bool          `json:"overdue"`
	// Action is what to do, Template the key of its text, Channel where.
	Action       string             `json:"action"`
	Template     string             `json:"template"`
	Channel      string             `json:"channel"`
	Step         string             `json:"step"`
	Owner        string             `json:"owner"`
	Experiment   *TriggerExperiment `json:"experiment"`
	Holdout      bool               `json:"holdout"`
	SuppressedBy *string            `json:"suppressed_by"`
	Evidence     []Evidence         `json:"evidence"`
	Sequence     Sequence           `json:"sequence"`

	// Cause names the fact or moment that it is about, CausedAt when that was.
	Cause    string    `json:"cause"`
	CausedAt time.Time `json:"caused_at"`
	// PlannedAt is when it opens, or was to open, if nothing stands against it.
	PlannedAt time.Time `json:"planned_at"`
	// Offer is the class of an offer, Ask what the customer is asked for; ""
	// without.
	Offer string `json:"offer"`
	Ask   string `json:"ask"`
	// Personal are facts for the template, such as the first name.
	Personal map[string]string `json:"personal"`
	// Value is the customer's expected value, nil where it is not known. Scarce
	// capacity goes to the largest net: risk x effect x margin of it, less the cost.
	Value *float64 `json:"value"`
	// Signal is what set it off, for the filters of later steps.
	Signal Signal `json:"-"`
	// Measured says that it counts in the comparison with the holdout, Segment
	// is the group of the customer's last answer when it was made, "" without.
	Measured bool        `json:"-"`
	Segment  AnswerGroup `json:"-"`
	// ChangedAt is when the change that Sequence numbers happened.
	ChangedAt time.Time `json:"-"`
	// History is every life, oldest first, where it was asked for.
	History []TriggerLife `json:"history,omitempty"`
}

// TriggerExperiment is the experiment and the arm that a trigger belongs to:
// the playbook's own where it has one, else the holdout.
type TriggerExperiment struct {
	Name    string `json:"name"`
	Variant string `json:"variant"`
}

// TriggerLife is one change in the life of a trigger. Lives are appended and
// never changed.
type TriggerLife struct {
	TriggerID string        `json:"trigger_id"`
	Sequence  Sequence      `json:"sequence"`
	Status    TriggerStatus `json:"status"`
	At        time.Time     `json:"at"`
	// Reason says why, "" where the status says it all. Code is the short name
	// of a suppression's reason.
	Reason string `json:"reason"`
	Code   string `json:"code"`
	// PlannedAt is set where the moment moved.
	PlannedAt *time.Time `json:"planned_at,omitempty"`
	Owner     string     `json:"owner,omitempty"`
	// Opening is what was decided when it opened.
	Opening *TriggerOpening `json:"opening,omitempty"`
}

// TriggerOpening is what is decided when a trigger opens: by whom, how and by
// when.
type TriggerOpening struct {
	DueAt    time.Time         `json:"due_at"`
	Urgency  Urgency           `json:"urgency"`
	Action   string            `json:"action"`
	Template string            `json:"template"`
	Channel  string            `json:"channel"`
	Owner    string            `json:"owner"`
	Offer    string            `json:"offer"`
	Ask      string            `json:"ask"`
	Personal map[string]string `json:"personal"`
	Value    *float64          `json:"value"`
}

// Live puts a life on the trigger: what the newest one says counts. Lives are
// put on in the order of their sequence.
func (t *Trigger) Live(l TriggerLife) {
	t.Status, t.Sequence = l.Status, l.Sequence
	if l.PlannedAt != nil {
		t.PlannedAt = *l.PlannedAt
	}
	if l.Owner != "" {
		t.Owner = l.Owner
	}
	if l.Status == TriggerSuppressed {
		code := l.Code
		t.SuppressedBy = &code
	}
	if o := l.Opening; o != nil {
		at, due := l.At, o.DueAt
		t.OpenedAt, t.DueAt = &at, &due
		t.Urgency, t.Action, t.Template, t.Channel, t.Owner = o.Urgency, o.Action, o.Template, o.Channel, o.Owner
		t.Offer, t.Ask, t.Personal, t.Value = o.Offer, o.Ask, o.Personal, o.Value
	}
}

// OverdueAt reports whether somebody should have acted before now.
func (t *Trigger) OverdueAt(now time.Time) bool {
	return t.Status.Actionable() && t.DueAt != nil && t.DueAt.Before(now)
}
