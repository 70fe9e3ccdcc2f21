package model

import (
	"context"
	"time"
)

// RetentionStore keeps triggers and their lives, and tells what they are made
// from: signals, and facts about the customers whom they concern. It knows no
// playbook.
type RetentionStore interface {
	// RetentionProgress returns the newest run, false before the first.
	RetentionProgress(ctx context.Context) (RetentionRun, bool, error)
	// Signals returns what could set off a playbook, in the order of when it was
	// known, kind, customer and key.
	Signals(ctx context.Context, q SignalQuery) ([]Signal, error)
	// FreshSnapshots returns, ascending, the instants of the published scores that
	// a query's levels are looked for in.
	FreshSnapshots(ctx context.Context, q SignalQuery) ([]time.Time, error)
	// RetentionCustomers returns what decisions about customers rest on, in the
	// order of their ids, each once.
	RetentionCustomers(ctx context.Context, q RetentionQuery) ([]RetentionCustomer, error)
	// Reported returns which of some triggers messages name that were sent and
	// known before an instant, each with the customers of these messages.
	Reported(ctx context.Context, until time.Time, triggers []string) ([]ReportedTrigger, error)
	// Arrived returns the newest load and the newest publication.
	Arrived(ctx context.Context) (load, snapshot int64, err error)
	// SaveRetention appends a run with its triggers and lives in one step and
	// numbers the lives in their order. A run whose From is not the To of the
	// newest one, or that saw fewer plans of surveys than are kept, is
	// KindConflict and changes nothing.
	SaveRetention(ctx context.Context, run RetentionRun, triggers []Trigger, lives []TriggerLife) error
	// AppendLives appends lives of single triggers, each only while the trigger
	// is at one of the statuses; KindConflict where it is not, KindNotFound
	// where there is none.
	AppendLives(ctx context.Context, while []TriggerStatus, lives ...TriggerLife) error
	// TriggerSequence returns the number of the newest change of any trigger, 0
	// before the first.
	TriggerSequence(ctx context.Context) (Sequence, error)
	// Triggers returns triggers, newest change last.
	Triggers(ctx context.Context, q TriggerQuery) ([]Trigger, error)
	// CountTriggers returns how many Triggers would return without Top.
	CountTriggers(ctx context.Context, q TriggerQuery) (int64, error)
	// Trigger returns one with its history, and KindNotFound for an unknown id.
	Trigger(ctx context.Context, id string) (Trigger, error)
}

// ReportedTrigger is a trigger that a message to a customer names.
type ReportedTrigger struct{ TriggerID, CustomerID string }

// RetentionRun is one evaluation of the playbooks: of everything that became
// known in [From, To).
type RetentionRun struct {
	Number   int64     `json:"run"`
	From, To time.Time `json:"-"`
	// Since is from when on published scores count for crossings: what the first
	// run looked at.
	Since time.Time `json:"-"`
	// Load and Snapshot are the newest load and publication that it saw, so that
	// the next one finds what arrived late.
	Load, Snapshot int64 `json:"-"`
	// Plans is the number of plans of surveys that it saw. It is not kept.
	Plans int64     `json:"-"`
	RanAt time.Time `json:"ran_at"`
	// Holdout is the one in force.
	Holdout Holdout `json:"-"`
	// Experiments are those in force; a design is noted where it is new.
	Experiments []ExperimentDesign `json:"-"`
	// Playbooks is a checksum of the playbooks in force.
	Playbooks string `json:"playbooks"`
}

// TriggerQuery selects triggers, in the order of their sequence.
type TriggerQuery struct {
	// Statuses, Customer and Playbook restrict where set.
	Statuses []TriggerStatus
	Customer string
	Playbook string
	// Customers restricts to several.
	Customers []string
	// OpenedSince keeps those that opened not before it, CausedSince those whose
	// cause was not before it or that are not final; zero keeps all.
	OpenedSince, CausedSince time.Time
	// UpdatedSince restricts to those whose sequence is greater.
	UpdatedSince Sequence
	// UpdatedAfter restricts to those whose last change was after.
	UpdatedAfter time.Time
	// Top bounds the number; 0 is no bound.
	Top int
	// Bare leaves out what caused them: evidence and signal are empty.
	Bare bool
}

// SignalKind names what could set off a playbook.
type SignalKind string

// The kinds of signals.
const (
	// SignalAnswer: somebody answered. Number is the score, Word its kind.
	SignalAnswer SignalKind = "answer"
	// SignalRisk: the churn probability reached a level, for the first time or after
	// it had been below the one that arms again. Number is the probability.
	SignalRisk SignalKind = "risk"
	// SignalDrift: the drift state became drifting, after it had been stable.
	SignalDrift SignalKind = "drift"
	// SignalIncident: an incident of a pain point. Word is its name, Number the
	// severity.
	SignalIncident SignalKind = "incident"
	// SignalEvent: an event. Word is its name, Number its value.
	SignalEvent SignalKind = "event"
	// SignalOrder and SignalDelivery: an order was placed, or arrived.
	SignalOrder    SignalKind = "order"
	SignalDelivery SignalKind = "delivery"
	// SignalResolved: a ticket was resolved, or outreach said that its issue was.
	// Word is ticket or outreach.
	SignalResolved SignalKind = "resolved"
	// SignalRenewal: a running contract renews soon. Number is the days to it.
	SignalRenewal SignalKind = "renewal"
	// SignalTrialEnd: a trial ended.
	SignalTrialEnd SignalKind = "trial_end"
	// SignalSilence: another survey went unanswered. Number is how many in a row.
	SignalSilence SignalKind = "silence"
	// SignalGroup: several customers of a group began to drift together. Word is
	// what they have in common, Group its value, Number how many.
	SignalGroup SignalKind = "group_decline"
	// SignalDecline: orders or spend of the last 60 days fell, by the guarded
	// rule. Number is the change relative to the shop.
	SignalDecline SignalKind = "order_decline"
)

// Signal is something that happened to a customer and could set off a playbook.
type Signal struct {
	Kind     SignalKind
	Customer string
	// Key tells it from others of its kind about the customer.
	Key string
	// At is when it happened, VisibleAt when it had happened and was known.
	At, VisibleAt time.Time
	Number        float64
	Word          string
	OrderID       string
	TicketID      string
	SKU           string
	// Comment says that words came with an answer, Theme what they complain of.
	Comment bool
	Theme   string
	// Rose says of a risk that it had been lower in the score before.
	Rose bool
	// Group and Members are those of a group that declines.
	Group   string
	Members []string
	// Level is the playbook whose level was crossed; "" for other kinds.
	Level    string
	Evidence []Evidence
	// Snapshot is set for what a published score says: it was known at the
	// instant itself, before what happened at that instant.
	Snapshot bool
}

// RetentionQuery asks for what became known of customers before Until. Orders,
// messages and answers before Since are left out, as are scores older than the
// newest one at From.
type RetentionQuery struct {
	Customers          []string
	Since, From, Until time.Time
}

// CustomerDecline is a customer whose orders or spend fell: Change is the
// larger fall in the last 60 days against the 60 before, relative to the shop,
// so -0.4 is 40 % less.
type CustomerDecline struct {
	Customer string
	Change   float64
}

// SignalQuery asks for the signals that became visible in [From, Until), and
// for those that became visible before and arrived after the load Load.
type SignalQuery struct {
	From, Until time.Time
	// Load and Snapshot are those of the run before; scores are looked at that
	// were published after Snapshot as of an instant not after Until.
	Load, Snapshot int64
	// Since is from when on published scores count for crossings.
	Since time.Time
	// Oldest bounds how long ago what arrived late may have happened.
	Oldest time.Time
	// Kinds restricts to some.
	Kinds []SignalKind
	// Events and PainPoints are names that are asked for.
	Events, PainPoints []string
	// RenewalDays are how long before a renewal it is a signal.
	RenewalDays []int
	// SilenceDays is how long a survey waits for its answer.
	SilenceDays int
	// Levels are crossings that are asked for, Groups common declines.
	Levels []SignalLevel
	Groups []SignalGrouping
}

// SignalGrouping asks for groups with the same value of a column of customers
// of whom at least Least, and at least Share of those who can be judged, drift.
type SignalGrouping struct {
	Playbook  string
	Dimension string
	Least     int
	Share     float64
}

// GroupDimensions are the columns that groups are made by.
func GroupDimensions() []string {
	return []string{"company_id", "channel", "region", "tier", "industry", "plan"}
}

// SignalLevel is a crossing with hysteresis: it is signalled when the
// probability rises to Above, and not again before it fell below Rearm. For
// drift both are unused.
type SignalLevel struct {
	Playbook     string
	Kind         SignalKind
	Above, Rearm float64
}

// RetentionCustomer is what decisions about a customer rest on. Everything
// carries when it was known, so that a decision at an instant takes only what
// was known before.
type RetentionCustomer struct {
	ID       string
	Profiles []RetentionProfile
	Scores   []RetentionScore
	Tickets  []RetentionTicket
	Orders   []RetentionOrder
	Outreach []RetentionOutreach
	Answers  []RetentionAnswer
	// FirstOrder is when the first order known was placed.
	FirstOrder *time.Time
	// Unsubscribed are the instants of unsubscribe events.
	Unsubscribed []time.Time
	// Planned are the surveys that plans ask him. They are no fact of his: what
	// was planned counts, whenever it is to be sent.
	Planned []RetentionSurvey
}

// RetentionSurvey is a planned survey. It keeps others away until it expires.
type RetentionSurvey struct {
	ID                  string
	SendFrom, ExpiresAt time.Time
	Channel             string
}

// Near reports whether a planned survey keeps another one away at an instant.
func (s RetentionSurvey) Near(at time.Time, every time.Duration) bool {
	return at.Before(s.ExpiresAt) && max(at.Sub(s.SendFrom), s.SendFrom.Sub(at)) < every
}

// RetentionProfile is a version of a customer's row. A first version without a
// date counts from the beginning: a guardrail may look at what the row says.
type RetentionProfile struct {
	KnownAt   time.Time
	Consent   *bool
	Strategic bool
	TimeZone  string
	Tier      string
	Channel   string
	Region    string
	Owner     string
	FirstName string
	Language  string
	CompanyID string
	SignedUp  *time.Time
}

// RetentionScore is a published score.
type RetentionScore struct {
	AsOf              time.Time
	Probability       *float64
	Band              Band
	Drift             DriftState
	ExpectedValue     *float64
	SatisfactionIndex *float64
	// HighValue says that the expected value is among the highest fifth of the
	// snapshot; nil where there is none.
	HighValue *bool
}

// RetentionTicket is a version of a ticket.
type RetentionTicket struct {
	ID                string
	KnownAt, OpenedAt time.Time
	ResolvedAt        *time.Time
}

// RetentionOrder is an order; what became of it is not asked.
type RetentionOrder struct {
	ID        string
	OrderedAt time.Time
	VisibleAt time.Time
	// Delivered is when it was known to have arrived.
	Delivered *time.Time
	Articles  []RetentionArticle
}

// RetentionArticle is an article of an order, with when it was known to be one.
type RetentionArticle struct {
	SKU       string
	VisibleAt time.Time
}

// RetentionOutreach is a message, with when it was known to be sent, answered,
// converted and resolved.
type RetentionOutreach struct {
	ID, Kind, TriggerID, Channel    string
	Template, Offer                 string
	SentAt, VisibleAt               time.Time
	Replied, Converted, ResolvedFor *time.Time
}

// RetentionAnswer is an answer.
type RetentionAnswer struct {
	ID, Kind              string
	Score                 float64
	AnsweredAt, VisibleAt time.Time
}
