package model

import (
	"context"
	"time"
)

// Feed names one sequence of changes. Each has numbers of its own.
type Feed string

// The feeds.
const (
	FeedErasures Feed = "erasures"
	FeedTriggers Feed = "triggers"
	FeedScores   Feed = "scores"
)

// Feeds returns all of them, in the order in which receivers hear of them.
func Feeds() []Feed { return []Feed{FeedErasures, FeedTriggers, FeedScores} }

// ErasedSubject is a customer who was erased, by the keyed hash that stood
// beside his id on the feeds.
type ErasedSubject struct {
	Sequence Sequence  `json:"sequence"`
	Subject  string    `json:"subject"`
	ErasedAt time.Time `json:"erased_at"`
}

// Secret is a text that signs. It shows itself only to who asks by Reveal: not
// in a log, not in JSON, not in an error.
type Secret string

const hiddenSecret = "[secret]"

// Reveal returns the text.
func (s Secret) Reveal() string { return string(s) }

// String hides the text.
func (Secret) String() string { return hiddenSecret }

// GoString hides the text.
func (Secret) GoString() string { return hiddenSecret }

// MarshalText hides the text, in logs too.
func (Secret) MarshalText() ([]byte, error) { return []byte(hiddenSecret), nil }

// ReceiverState says whether a receiver is sent anything.
type ReceiverState string

// The states of a receiver.
const (
	ReceiverActive   ReceiverState = "active"
	ReceiverDisabled ReceiverState = "disabled"
)

// Receiver is an address that hears of changes.
type Receiver struct {
	ID   string `json:"receiver_id"`
	Name string `json:"name"`
	URL  string `json:"url"`
	// Types are the events that it wants, by name or as in trigger.*; none is all.
	Types     []string      `json:"types"`
	CreatedAt time.Time     `json:"created_at"`
	State     ReceiverState `json:"state"`
	// Reason is why it is disabled or what failed last, "" while all is well.
	Reason string `json:"reason"`
	// FailingSince is the first failure after the last success, nil without one.
	FailingSince  *time.Time `json:"failing_since"`
	LastSuccessAt *time.Time `json:"last_success_at"`
	// Cursors are how far it was served, by feed: all up to there was taken or is
	// kept as an undelivered event.
	Cursors map[Feed]Sequence `json:"cursors"`
	// Waiting and Dead count the events that it did not take: those that will be
	// tried again, and those that will not.
	Waiting int `json:"waiting"`
	Dead    int `json:"dead"`
	// Secrets sign what it gets, the newest first.
	Secrets []ReceiverSecret `json:"-"`
}

// ReceiverSecret is a secret that signs until it ends, nil for always.
type ReceiverSecret struct {
	Text      Secret
	CreatedAt time.Time
	EndsAt    *time.Time
}

// Undelivered is an event that a receiver did not take. It holds the bytes that
// were sent, so that a retry sends the same; of an erasure nothing that names
// the customer.
type Undelivered struct {
	ReceiverID string    `json:"receiver_id"`
	EventID    string    `json:"event_id"`
	Feed       Feed      `json:"feed"`
	Sequence   Sequence  `json:"sequence"`
	Type       string    `json:"type"`
	CustomerID string    `json:"-"`
	Payload    []byte    `json:"-"`
	FirstAt    time.Time `json:"first_at"`
	Attempts   int       `json:"attempts"`
	// DueAt is when it is tried again, nil once it is dead; DiedAt the reverse.
	DueAt  *time.Time `json:"due_at"`
	DiedAt *time.Time `json:"died_at"`
	// Reason is why the last attempt failed.
	Reason string `json:"reason"`
}

// Deliveries are what became of events on their way to one receiver.
type Deliveries struct {
	ReceiverID string
	// State "" leaves it, the reason and both instants as they are.
	State         ReceiverState
	Reason        string
	FailingSince  *time.Time
	LastSuccessAt *time.Time
	Cursors       map[Feed]Sequence
	// Undelivered take the place of what was kept under their ids.
	Undelivered []Undelivered
	// Settled are the ids of events that were kept and are no more needed.
	Settled []string
}

// UndeliveredQuery selects undelivered events, in the order of receiver, first
// attempt and id.
type UndeliveredQuery struct {
	// Receiver restricts where set.
	Receiver string
	// Dead restricts to dead ones, Waiting to the others.
	Dead, Waiting bool
	// EventID restricts to one where set.
	EventID string
	// Top bounds the number; 0 is no bound.
	Top int
}

// WebhookStore keeps receivers, how far they were served and what they did not
// take.
type WebhookStore interface {
	// SaveReceiver stores a receiver with its secrets and cursors in the place of
	// what was stored of it.
	SaveReceiver(ctx context.Context, r Receiver) error
	// RemoveReceiver forgets one with all that waits for it, KindNotFound for an
	// unknown id.
	RemoveReceiver(ctx context.Context, id string) error
	// Receivers returns all, the oldest first.
	Receivers(ctx context.Context) ([]Receiver, error)
	// SaveDeliveries stores what became of deliveries in one step. News of
	// receivers that were removed are passed over, and events about customers who
	// were erased are not kept.
	SaveDeliveries(ctx context.Context, news []Deliveries) error
	// Undelivered returns undelivered events.
	Undelivered(ctx context.Context, q UndeliveredQuery) ([]Undelivered, error)
	// ForgetUndelivered removes those that were first tried before an instant and
	// says how many that were.
	ForgetUndelivered(ctx context.Context, before time.Time) (int64, error)
	// Erasures returns who was erased behind a sequence, in its order; top bounds
	// the number.
	Erasures(ctx context.Context, since Sequence, top int) ([]ErasedSubject, error)
	// ErasuresOf returns those of some customers who were erased, by id.
	ErasuresOf(ctx context.Context, customers []string) (map[string]ErasedSubject, error)
	// ErasureSequence returns the number of the newest erasure, 0 before the first.
	ErasureSequence(ctx context.Context) (Sequence, error)
	// Subjects returns the keyed hash by which erased customers are named.
	Subjects(ctx context.Context) (func(customer string) string, error)
}
