package model

import (
	"context"
	"time"
)

// TimelineKind is what an entry of a timeline is of: a kind of fact, triggers
// or scores.
type TimelineKind string

// TimelineKinds returns what a timeline is made of.
func TimelineKinds() (out []TimelineKind) {
	for _, kind := range []FactKind{Customers, Contracts, Orders, Responses, Tickets, Events, Outreach} {
		out = append(out, TimelineKind(kind))
	}
	return append(out, "triggers", "scores")
}

// TimelineEntry is one moment of a customer: of a fact, of a trigger, or of a
// published score that a reader must have heard of.
type TimelineEntry struct {
	At time.Time `json:"at"`
	// KnownAt is from when on the row that says so counts.
	KnownAt time.Time    `json:"known_at"`
	Kind    TimelineKind `json:"kind"`
	// What happened: ordered, delivered, cancelled or returned; the kind of an
	// answer; opened, first_replied, reopened or resolved; the name of an event;
	// sent, opened, clicked, replied, converted or resolved; started, notice or
	// ended; signed_up or cancelled; a trigger's status; scored.
	What string `json:"what"`
	// ID is the fact's, the trigger's, or the number of the run.
	ID        string  `json:"id"`
	OrderID   *string `json:"order_id"`
	TicketID  *string `json:"ticket_id"`
	TriggerID *string `json:"trigger_id"`
	// Value is an amount, an answer on its own scale, a price, a cost or a
	// probability.
	Value   *float64 `json:"value"`
	Channel *string  `json:"channel"`
	// Text is a comment, a reason, a topic, a template, a band.
	Text *string `json:"text"`
}

// TimelineCursor is a place in a timeline.
type TimelineCursor struct {
	At   time.Time    `json:"at"`
	Kind TimelineKind `json:"k"`
	What string       `json:"w"`
	ID   string       `json:"id"`
}

// TimelineQuery asks for what was known of a customer at an instant, newest
// first.
type TimelineQuery struct {
	Customer string
	AsOf     time.Time
	// Kinds restricts to some; none is all.
	Kinds []TimelineKind
	// After continues behind this entry.
	After *TimelineCursor
	// Top bounds the number; 0 is no bound.
	Top int
}

// TimelineReader reads timelines.
type TimelineReader interface {
	// Timeline returns entries, newest first, then by kind, what and id.
	Timeline(ctx context.Context, q TimelineQuery) ([]TimelineEntry, error)
}
