package feed

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/churnwatch/churnwatch/model"
)

// The types of events that are not those of triggers. TypeErased comes whatever a
// receiver chose, TypeTest when it is tried.
const (
	typeScore  = "score.changed"
	TypeErased = "customer.erased"
	TypeTest   = "webhook.test"
)

// Event is a row of a feed on its way to receivers.
type Event struct {
	ID       string
	Type     string
	Feed     model.Feed
	Sequence model.Sequence
	// Customer is whom it is about, "" for an erasure, which names nobody.
	Customer string
	// Payload is the body to be sent.
	Payload []byte
}

// envelope is the body that is sent.
type envelope struct {
	Type      string          `json:"type"`
	Timestamp time.Time       `json:"timestamp"`
	Subject   string          `json:"subject,omitempty"`
	Data      json.RawMessage `json:"data"`
}

// erasure is the data of an erasure. The customer's id is sent while the program
// that erased him still runs; it is kept nowhere.
type erasure struct {
	Subject    string         `json:"subject"`
	CustomerID *string        `json:"customer_id"`
	ErasedAt   time.Time      `json:"erased_at"`
	Sequence   model.Sequence `json:"sequence"`
}

// idOf names an event for good: its row's number, and a hash of what is the row's
// own, so that a number that a restored database gives again makes another id.
func idOf(kind string, sequence model.Sequence, of string, at time.Time) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %d %s %d", kind, sequence, of, at.UnixMicro()))
	return fmt.Sprintf("%s-%d-%s", kind, sequence, hex.EncodeToString(sum[:6]))
}

// The first words of ids, by feed.
var idKinds = map[string]model.Feed{"score": model.FeedScores, "trigger": model.FeedTriggers, "erasure": model.FeedErasures}

// PlaceOf returns the feed and the number that an id names.
func PlaceOf(id string) (model.Feed, model.Sequence, error) {
	words := strings.Split(id, "-")
	feed, known := idKinds[words[0]]
	if !known || len(words) != 3 {
		return "", 0, model.Errorf(model.KindInvalid, "event %q: want an id such as trigger-42-6f3a9c1d2e4b, as in webhook-id", id)
	}
	n, err := strconv.ParseUint(words[1], 10, 64)
	if err != nil || n == 0 {
		return "", 0, model.Errorf(model.KindInvalid, "event %q: %q is not a sequence number", id, words[1])
	}
	return feed, model.Sequence(n), nil
}

// Sealed returns the body of an event.
func Sealed(kind string, at time.Time, subject string, data json.RawMessage) ([]byte, error) {
	return json.Marshal(envelope{Type: kind, Timestamp: at.UTC(), Subject: subject, Data: data})
}

func (f *Feeds) scoreEvent(s model.Score) (e Event, err error) {
	data, err := f.render.Score(s)
	if err != nil {
		return e, err
	}
	subject := f.subject(s.CustomerID)
	e = Event{ID: idOf("score", s.Sequence, subject, s.ChangedAt), Type: typeScore, Feed: model.FeedScores, Sequence: s.Sequence, Customer: s.CustomerID}
	e.Payload, err = Sealed(e.Type, s.ChangedAt, subject, data)
	return e, err
}

func (f *Feeds) triggerEvent(t *model.Trigger) (e Event, err error) {
	data, err := f.render.Trigger(t)
	if err != nil {
		return e, err
	}
	e = Event{ID: idOf("trigger", t.Sequence, t.ID, t.ChangedAt), Type: typeOf(t.Status), Feed: model.FeedTriggers, Sequence: t.Sequence, Customer: t.CustomerID}
	e.Payload, err = Sealed(e.Type, t.ChangedAt, f.subject(t.CustomerID), data)
	return e, err
}

// erasureEvent tells that somebody was erased without naming him.
func erasureEvent(s model.ErasedSubject) (e Event, err error) {
	data, err := json.Marshal(erasure{Subject: s.Subject, ErasedAt: s.ErasedAt, Sequence: s.Sequence})
	if err != nil {
		return e, err
	}
	e = Event{ID: fmt.Sprintf("erasure-%d-%.12s", s.Sequence, s.Subject), Type: TypeErased, Feed: model.FeedErasures, Sequence: s.Sequence}
	e.Payload, err = Sealed(e.Type, s.ErasedAt, s.Subject, data)
	return e, err
}

// Named adds the id to an erasure of a customer who is still known by it.
func Named(payload []byte, known func(subject string) (customer string, ok bool)) ([]byte, error) {
	var e envelope
	var data erasure
	if err := json.Unmarshal(payload, &e); err != nil {
		return nil, err
	}
	customer, ok := known(e.Subject)
	if !ok {
		return payload, nil
	}
	if err := json.Unmarshal(e.Data, &data); err != nil {
		return nil, err
	}
	data.CustomerID = &customer
	text, err := json.Marshal(data)
	if err != nil {
		return nil, err
	}
	return Sealed(e.Type, e.Timestamp, e.Subject, text)
}
