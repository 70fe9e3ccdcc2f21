// Package playbook holds what a marketer writes: when something is to be done
// for which customer, after what delay, by whom and how.
//
// A playbook is a chain of blocks: a trigger (when), a customer (for), and
// steps, each with a delay (after), a filter (if) and an action. Playbooks are
// data: the program's own are defaults.yaml, which a user's files override by
// name or add to. [Read] says what is wrong with a file, by line.
package playbook

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"time"

	"github.com/churnwatch/churnwatch/model"
)

// Playbook is one way of answering something that happened to a customer.
type Playbook struct {
	Name  string `json:"name"`
	Label string `json:"label"`
	// Rule is the number of the field's rule that it carries out; "" without.
	Rule    string `json:"rule,omitempty"`
	Enabled bool   `json:"enabled"`
	When    When   `json:"when"`
	For     For    `json:"for"`
	// Rearm is how long after its last cause a playbook does not begin anew for
	// a customer.
	Rearm Span `json:"rearm"`
	// Stale is how old a cause may be when it becomes known.
	Stale Span `json:"stale"`
	// Purpose decides which guardrails hold.
	Purpose Purpose `json:"purpose"`
	// Track is what it does for a customer's mood.
	Track Track `json:"track"`
	Stop  Stop  `json:"stop"`
	// Holdout says that the holdout gets none of it.
	Holdout bool `json:"holdout"`
	// Experiment varies a step by chance; nil is none.
	Experiment *Experiment `json:"experiment,omitempty"`
	Steps      []Step      `json:"steps"`
	// From says where it was written: a file and line.
	From string `json:"from"`
}

// When is what sets a playbook off: a kind of signal and what it must be like.
type When struct {
	Kind model.SignalKind `json:"kind"`
	// Words are the kinds of answers, names of pain points or events, or what
	// was resolved; empty is any.
	Words []string `json:"words,omitempty"`
	// Groups are those of an answer; empty is any.
	Groups []model.AnswerGroup `json:"groups,omitempty"`
	// Least and Most bound the signal's number, ends included; nil is no bound.
	Least *float64 `json:"least,omitempty"`
	Most  *float64 `json:"most,omitempty"`
	// Rearm is the level below which a crossing is armed again.
	Rearm float64 `json:"rearm_below,omitempty"`
	// Days are those before a renewal.
	Days int `json:"days,omitempty"`
	// Surveys are the unanswered ones in a row.
	Surveys int `json:"surveys,omitempty"`
	// By is what the customers of a group have in common, Share the least share
	// of them that declines; Least is the least number.
	By    string  `json:"by,omitempty"`
	Share float64 `json:"share,omitempty"`
}

// For says which customers a playbook is for. Everything given must hold.
type For struct {
	// All hold, and one of Any where there are some.
	All []Condition `json:"all,omitempty"`
	Any []Condition `json:"any,omitempty"`
	// Profile columns and the values that fit.
	Tier    []string `json:"tier,omitempty"`
	Channel []string `json:"channel,omitempty"`
	Region  []string `json:"region,omitempty"`
}

// Condition is a word for something that holds of a customer and his cause, or
// does not.
type Condition struct {
	Word string `json:"word"`
	Not  bool   `json:"not,omitempty"`
}

// String writes the condition as it is read.
func (c Condition) String() string {
	if c.Not {
		return "not " + c.Word
	}
	return c.Word
}

// Purpose is what a message is for.
type Purpose string

// The purposes. A service message answers the customer's own words or trouble,
// a marketing one asks or offers; both need consent and count towards the caps.
// A transactional one is exempt. Internal ones reach nobody outside.
const (
	Service       Purpose = "service"
	Marketing     Purpose = "marketing"
	Transactional Purpose = "transactional"
)

// Track is what a playbook does for a customer's mood.
type Track string

// The tracks: care for who is dissatisfied, reinforcement for who is not, and
// neither.
const (
	Care      Track = "care"
	Reinforce Track = "reinforce"
	Neutral   Track = "neutral"
)

// Stop says what ends a playbook's steps before the last.
type Stop struct {
	// Unanswered is the number of follow-ups without a reply, the first message
	// not counted, after which no more is sent; 0 is never.
	Unanswered int `json:"unanswered,omitempty"`
	// NewAnswer, Ordered and Resolved end it when that happens.
	NewAnswer bool `json:"new_answer,omitempty"`
	Ordered   bool `json:"ordered,omitempty"`
	Resolved  bool `json:"resolved,omitempty"`
}

// Step is one thing to do.
type Step struct {
	Name string `json:"name"`
	// After is the delay since the cause; If is the filter at that moment.
	After Span        `json:"after"`
	If    []Condition `json:"if,omitempty"`
	// Within is the service level: how long after its moment it is due.
	Within  Span          `json:"within"`
	Urgency model.Urgency `json:"urgency"`
	Action  string        `json:"action"`
	Channel string        `json:"channel"`
	Owner   string        `json:"owner"`
	Ask     string        `json:"ask,omitempty"`
	Offer   string        `json:"offer,omitempty"`
	// Templates are tried in order; the last fits always.
	Templates []Template `json:"templates"`
	// EscalateAfter its due time it goes to EscalateTo; without it never does.
	EscalateAfter *Span  `json:"escalate_after,omitempty"`
	EscalateTo    string `json:"escalate_to,omitempty"`
	// Expires is how long it stays open; a deferred step is given up then too.
	Expires Span `json:"expires"`
	// Closing steps come also when the unanswered have stopped the others.
	Closing bool `json:"closing,omitempty"`
}

// Template is a key of a text, for a situation. Offer is what the text offers,
// "" where it is what the step does.
type Template struct {
	If    []Condition `json:"if,omitempty"`
	Key   string      `json:"key"`
	Offer string      `json:"offer,omitempty"`
}

// Offers returns what a step offers by one of its templates, "" without.
func (s Step) Offers(t Template) string {
	if t.Offer != "" {
		return t.Offer
	}
	return s.Offer
}

// Measured reports whether the holdout gets none of the playbook.
func (p *Playbook) Measured() bool { return p.Holdout && p.Purpose != Transactional }

// Internal reports whether the step reaches nobody outside: a task for people.
func (s Step) Internal() bool { return s.Channel == ChannelInternal }

// Survey reports whether the step asks for an answer that counts as a survey.
func (s Step) Survey() bool { return s.Action == ActionSurvey }

// The channel and the actions that the program tells from others.
const (
	ChannelInternal = "internal"
	ActionSurvey    = "survey"
)

// Span is a length of time, written 2h, 14d or 1d12h.
type Span time.Duration

// Std is the span for the standard library.
func (s Span) Std() time.Duration { return time.Duration(s) }

// Checksum identifies what a set of playbooks says.
func Checksum(all []Playbook) string {
	text, err := json.Marshal(all)
	if err != nil {
		panic(err) // Plain fields: they always have a text.
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8])
}
