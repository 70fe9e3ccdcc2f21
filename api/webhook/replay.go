package webhook

import (
	"context"

	"github.com/churnwatch/churnwatch/api/webhook/feed"
	"github.com/churnwatch/churnwatch/model"
)

// mostReplayed bounds how many events of a range are replayed at once.
const mostReplayed = 10_000

// Replay says what a receiver is to be sent again: one event, all that were
// given up, or a range of a feed. Ids are those that the events had.
type Replay struct {
	// EventID is one event's.
	EventID string
	// Failed are all that were given up.
	Failed bool
	// Feed is replayed behind Since up to Until; 0 is to its end.
	Feed         model.Feed
	Since, Until model.Sequence
}

// Replayed is what came of it.
type Replayed struct {
	ReceiverID string `json:"receiver_id"`
	// Events will be sent again; the server sends them at once.
	Events int `json:"events"`
}

// Replay lets events be sent to a receiver again.
func (s *Service) Replay(ctx context.Context, id string, q Replay) (Replayed, error) {
	defer s.Hold(ctx)()
	out := Replayed{ReceiverID: id}
	r, err := s.find(ctx, id)
	if err != nil {
		return out, err
	}
	if r.State == model.ReceiverDisabled {
		return out, model.Errorf(model.KindConflict, "receiver %s is disabled (%s): %s first", id, r.Reason,
			model.Way{Command: "churnwatch webhooks enable " + id, Service: "POST /v1/webhooks/" + id + ":enable"})
	}
	again, err := s.again(ctx, r, q)
	if err != nil || len(again) == 0 {
		return out, err
	}
	now := s.now()
	for i := range again {
		u := &again[i]
		u.ReceiverID, u.FirstAt, u.Attempts, u.DueAt, u.DiedAt, u.Reason = id, now, 0, &now, nil, "replayed"
	}
	out.Events = len(again)
	return out, s.store.SaveDeliveries(ctx, []model.Deliveries{{ReceiverID: id, Undelivered: again}})
}

// again finds what is to be sent again.
func (s *Service) again(ctx context.Context, r model.Receiver, q Replay) ([]model.Undelivered, error) {
	switch {
	case q.Failed:
		return s.store.Undelivered(ctx, model.UndeliveredQuery{Receiver: r.ID, Dead: true})
	case q.EventID != "":
		return s.one(ctx, r, q.EventID)
	}
	if err := s.feeds.Open(ctx); err != nil {
		return nil, err
	}
	var out []model.Undelivered
	for after := q.Since; ; {
		events, err := s.feeds.Read(ctx, q.Feed, after)
		if err != nil {
			return nil, err
		}
		for _, e := range events {
			if q.Until > 0 && e.Sequence > q.Until {
				return out, nil
			}
			if feed.Wants(r, e.Type) {
				out = append(out, undeliveredOf(e))
			}
			after = e.Sequence
		}
		if len(out) > mostReplayed {
			return nil, model.Errorf(model.KindInvalid, "these are more than %d events, as many as can be replayed at once: name a smaller range", mostReplayed)
		}
		if len(events) < feed.PageSize {
			return out, nil
		}
	}
}

// one finds an event by its id: among those that were not taken, else on its
// feed.
func (s *Service) one(ctx context.Context, r model.Receiver, id string) ([]model.Undelivered, error) {
	kept, err := s.store.Undelivered(ctx, model.UndeliveredQuery{Receiver: r.ID, EventID: id})
	if err != nil || len(kept) > 0 {
		return kept, err
	}
	of, sequence, err := feed.PlaceOf(id)
	if err != nil {
		return nil, err
	}
	if err := s.feeds.Open(ctx); err != nil {
		return nil, err
	}
	events, err := s.feeds.Read(ctx, of, sequence-1)
	if err != nil {
		return nil, err
	}
	if len(events) == 0 || events[0].ID != id {
		return nil, model.Errorf(model.KindNotFound, "event %q is not on its feed any more: a later change has taken its place, or there never was one", id)
	}
	return []model.Undelivered{undeliveredOf(events[0])}, nil
}

func undeliveredOf(e feed.Event) model.Undelivered {
	return model.Undelivered{EventID: e.ID, Feed: e.Feed, Sequence: e.Sequence, Type: e.Type, CustomerID: e.Customer, Payload: e.Payload}
}
