package webhook

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/churnwatch/churnwatch/api/webhook/feed"
	"github.com/churnwatch/churnwatch/api/webhook/post"
	"github.com/churnwatch/churnwatch/model"
)

const (
	longestName = 100
	// mostReceivers bounds how many there can be.
	mostReceivers = 200
	secretPrefix  = "whsec_"
	secretBytes   = 32
)

// Request says what a new receiver is to be.
type Request struct {
	Name string
	URL  string
	// Types are the events that it wants, none for all.
	Types []string
	// All sends it everything that there is first, not only what changes from
	// now on.
	All bool
}

// Issued is a receiver with a new secret, which is shown this once.
type Issued struct {
	Secret   string         `json:"secret"`
	Receiver model.Receiver `json:"about"`
}

// Add makes a receiver.
func (s *Service) Add(ctx context.Context, q Request) (Issued, error) {
	if err := s.check(q); err != nil {
		return Issued{}, err
	}
	defer s.Hold(ctx)()
	known, err := s.store.Receivers(ctx)
	if err != nil {
		return Issued{}, err
	}
	if len(known) >= mostReceivers {
		return Issued{}, model.Errorf(model.KindConflict, "there are %d receivers already, as many as there can be: remove one", mostReceivers)
	}
	if i := slices.IndexFunc(known, func(r model.Receiver) bool { return r.URL == q.URL }); i >= 0 {
		return Issued{}, model.Errorf(model.KindConflict, "receiver %s has this address already", known[i].ID)
	}
	var id [6]byte
	if _, err := io.ReadFull(s.random, id[:]); err != nil {
		return Issued{}, fmt.Errorf("draw a receiver's id: %w", err)
	}
	r := model.Receiver{
		ID: "wh_" + hex.EncodeToString(id[:]), Name: q.Name, URL: q.URL, Types: slices.Clone(q.Types), CreatedAt: s.now(),
		State: model.ReceiverActive, Cursors: map[model.Feed]model.Sequence{},
	}
	for _, of := range model.Feeds() {
		if r.Cursors[of] = 0; !q.All {
			if r.Cursors[of], err = s.feeds.Position(ctx, of); err != nil {
				return Issued{}, err
			}
		}
	}
	return s.issue(ctx, r)
}

func (s *Service) now() time.Time { return s.clock().UTC().Truncate(time.Microsecond) }

func (s *Service) check(q Request) error {
	if strings.TrimSpace(q.Name) == "" || len(q.Name) > longestName || strings.ContainsFunc(q.Name, func(c rune) bool { return c < ' ' || c == 0x7f }) {
		return model.Errorf(model.KindInvalid, "name of a receiver: want 1 to %d bytes without control characters", longestName)
	}
	if err := post.CheckURL(q.URL, s.settings.Networks); err != nil {
		return err
	}
	return feed.CheckTypes(q.Types)
}

// issue gives a receiver a new secret and stores it.
func (s *Service) issue(ctx context.Context, r model.Receiver) (Issued, error) {
	var random [secretBytes]byte
	if _, err := io.ReadFull(s.random, random[:]); err != nil {
		return Issued{}, fmt.Errorf("draw a secret: %w", err)
	}
	text := secretPrefix + base64.StdEncoding.EncodeToString(random[:])
	r.Secrets = slices.Insert(r.Secrets, 0, model.ReceiverSecret{Text: model.Secret(text), CreatedAt: s.now()})
	return Issued{text, r}, s.store.SaveReceiver(ctx, r)
}

// List returns all receivers, the oldest first.
func (s *Service) List(ctx context.Context) ([]model.Receiver, error) { return s.store.Receivers(ctx) }

// Undelivered returns the events that a receiver did not take, "" for all.
func (s *Service) Undelivered(ctx context.Context, id string) ([]model.Undelivered, error) {
	if id != "" {
		if _, err := s.find(ctx, id); err != nil {
			return nil, err
		}
	}
	return s.store.Undelivered(ctx, model.UndeliveredQuery{Receiver: id})
}

// Rotate gives a receiver a new secret; those that it has sign too until the
// overlap is over.
func (s *Service) Rotate(ctx context.Context, id string, overlap time.Duration) (Issued, error) {
	defer s.Hold(ctx)()
	r, err := s.find(ctx, id)
	if err != nil {
		return Issued{}, err
	}
	ends := s.now().Add(overlap)
	r.Secrets = slices.DeleteFunc(r.Secrets, func(one model.ReceiverSecret) bool { return one.EndsAt != nil && !s.now().Before(*one.EndsAt) })
	for i := range r.Secrets {
		if one := &r.Secrets[i]; one.EndsAt == nil || one.EndsAt.After(ends) {
			one.EndsAt = &ends
		}
	}
	return s.issue(ctx, r)
}

// Enable starts a receiver again that was disabled: it goes on where it was.
func (s *Service) Enable(ctx context.Context, id string) (model.Receiver, error) {
	defer s.Hold(ctx)()
	r, err := s.find(ctx, id)
	if err != nil || r.State == model.ReceiverActive {
		return r, err
	}
	r.State, r.Reason, r.FailingSince = model.ReceiverActive, "", nil
	return r, s.store.SaveReceiver(ctx, r)
}

// Remove forgets a receiver and all that waits for it.
func (s *Service) Remove(ctx context.Context, id string) error {
	defer s.Hold(ctx)()
	return s.store.RemoveReceiver(ctx, id)
}

func (s *Service) find(ctx context.Context, id string) (model.Receiver, error) {
	all, err := s.store.Receivers(ctx)
	if err != nil {
		return model.Receiver{}, err
	}
	for _, r := range all {
		if r.ID == id {
			return r, nil
		}
	}
	return model.Receiver{}, model.Errorf(model.KindNotFound, "there is no receiver %q: %s", id,
		model.Way{Command: "`churnwatch webhooks list` shows them", Service: "GET /v1/webhooks lists them"})
}

// Trial is how a test of a receiver ended.
type Trial struct {
	ReceiverID string `json:"receiver_id"`
	Delivered  bool   `json:"delivered"`
	// Status is what it answered, null where it did not.
	Status  *int    `json:"status"`
	Reason  string  `json:"reason"`
	Seconds float64 `json:"seconds"`
}

// Test sends a receiver an event of type webhook.test at once, whatever its
// state, and says what came of it. It changes nothing.
func (s *Service) Test(ctx context.Context, id string) (Trial, error) {
	r, err := s.find(ctx, id)
	if err != nil {
		return Trial{}, err
	}
	var random [6]byte
	if _, err := io.ReadFull(s.random, random[:]); err != nil {
		return Trial{}, fmt.Errorf("draw an event's id: %w", err)
	}
	body, err := feed.Sealed(feed.TypeTest, s.now(), "", []byte(`{"message":"churnwatch can reach this receiver"}`))
	if err != nil {
		return Trial{}, err
	}
	o := s.caller.Call(ctx, r, "test-"+hex.EncodeToString(random[:]), body)
	if err := ctx.Err(); err != nil {
		return Trial{}, err
	}
	s.metrics.count(o.Result)
	trial := Trial{ReceiverID: id, Delivered: o.Result == post.Delivered, Reason: o.Reason, Seconds: o.Took.Seconds()}
	if o.Status > 0 {
		trial.Status = &o.Status
	}
	return trial, nil
}
