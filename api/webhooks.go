package api

import (
	"context"
	"slices"
	"time"

	churnwatchv1 "github.com/churnwatch/churnwatch/api/gen/churnwatch/v1"
	"github.com/churnwatch/churnwatch/api/webhook"
	"github.com/churnwatch/churnwatch/model"
)

// Webhooks keeps the receivers of changes.
type Webhooks interface {
	Add(ctx context.Context, q webhook.Request) (webhook.Issued, error)
	List(ctx context.Context) ([]model.Receiver, error)
	// Rotate, Enable, Remove, Test, Replay and Undelivered are about one receiver,
	// KindNotFound for an unknown id.
	Rotate(ctx context.Context, id string, overlap time.Duration) (webhook.Issued, error)
	Enable(ctx context.Context, id string) (model.Receiver, error)
	Remove(ctx context.Context, id string) error
	Test(ctx context.Context, id string) (webhook.Trial, error)
	Replay(ctx context.Context, id string, q webhook.Replay) (webhook.Replayed, error)
	Undelivered(ctx context.Context, id string) ([]model.Undelivered, error)
}

var _ Webhooks = (*webhook.Service)(nil)

// webhookService implements churnwatch.v1.WebhookService.
type webhookService struct {
	churnwatchv1.UnimplementedWebhookServiceServer

	webhooks Webhooks
}

// usualOverlap is how long both secrets sign where nothing is said.
const usualOverlap = 24 * time.Hour

// AddReceiver adds a receiver and returns its secret.
func (s *webhookService) AddReceiver(ctx context.Context, r *churnwatchv1.AddReceiverRequest) (*churnwatchv1.IssuedReceiver, error) {
	return issuedOrError(s.webhooks.Add(ctx, webhook.Request{Name: r.GetName(), URL: r.GetUrl(), Types: r.GetEvents(), All: r.GetAll()}))
}

func issuedOrError(issued webhook.Issued, err error) (*churnwatchv1.IssuedReceiver, error) {
	if err != nil {
		return nil, err
	}
	return &churnwatchv1.IssuedReceiver{Secret: issued.Secret, Receiver: receiverOut(&issued.Receiver)}, nil
}

func receiverOut(r *model.Receiver) *churnwatchv1.Receiver {
	return &churnwatchv1.Receiver{
		ReceiverId: r.ID, Name: r.Name, Url: r.URL, Events: r.Types, CreatedAt: instant(&r.CreatedAt), State: string(r.State), Reason: r.Reason,
		FailingSince: instant(r.FailingSince), LastSuccessAt: instant(r.LastSuccessAt), Waiting: int32(r.Waiting), Dead: int32(r.Dead),
	}
}

// ListReceivers returns all receivers.
func (s *webhookService) ListReceivers(ctx context.Context, _ *churnwatchv1.ListReceiversRequest) (*churnwatchv1.ListReceiversResponse, error) {
	receivers, err := s.webhooks.List(ctx)
	if err != nil {
		return nil, err
	}
	out := &churnwatchv1.ListReceiversResponse{}
	for i := range receivers {
		out.Receivers = append(out.Receivers, receiverOut(&receivers[i]))
	}
	return out, nil
}

// RotateReceiver gives a receiver a new secret.
func (s *webhookService) RotateReceiver(ctx context.Context, r *churnwatchv1.RotateReceiverRequest) (*churnwatchv1.IssuedReceiver, error) {
	overlap := usualOverlap
	if given := r.GetOverlap(); given != nil {
		if overlap = given.AsDuration(); given.CheckValid() != nil || overlap < 0 {
			return nil, model.Errorf(model.KindInvalid, "overlap: want a time such as 86400s, or 0s")
		}
	}
	return issuedOrError(s.webhooks.Rotate(ctx, r.GetReceiverId(), overlap))
}

// EnableReceiver starts a receiver again.
func (s *webhookService) EnableReceiver(ctx context.Context, r *churnwatchv1.EnableReceiverRequest) (*churnwatchv1.Receiver, error) {
	receiver, err := s.webhooks.Enable(ctx, r.GetReceiverId())
	if err != nil {
		return nil, err
	}
	return receiverOut(&receiver), nil
}

// TestReceiver sends a receiver a test.
func (s *webhookService) TestReceiver(ctx context.Context, r *churnwatchv1.TestReceiverRequest) (*churnwatchv1.ReceiverTrial, error) {
	trial, err := s.webhooks.Test(ctx, r.GetReceiverId())
	if err != nil {
		return nil, err
	}
	return &churnwatchv1.ReceiverTrial{
		ReceiverId: trial.ReceiverID, Delivered: trial.Delivered, Status: number(trial.Status), Reason: trial.Reason, Seconds: trial.Seconds,
	}, nil
}

// ReplayReceiver sends a receiver events once more.
func (s *webhookService) ReplayReceiver(ctx context.Context, r *churnwatchv1.ReplayReceiverRequest) (*churnwatchv1.ReplayReceiverResponse, error) {
	q := webhook.Replay{Failed: r.GetFailed(), EventID: r.GetEventId(), Feed: model.Feed(r.GetFeed())}
	asked := 0
	for _, one := range []bool{q.Failed, q.EventID != "", q.Feed != ""} {
		if one {
			asked++
		}
	}
	if asked != 1 || q.Feed != "" && !slices.Contains(model.Feeds(), q.Feed) {
		return nil, model.Errorf(model.KindInvalid, "what to replay: want one of failed, event_id, and feed, which is one of %v", model.Feeds())
	}
	var err error
	if q.Since, err = sequenceIn("since", r.GetSince()); err != nil {
		return nil, err
	}
	if q.Until, err = sequenceIn("until", r.GetUntil()); err != nil {
		return nil, err
	}
	replayed, err := s.webhooks.Replay(ctx, r.GetReceiverId(), q)
	if err != nil {
		return nil, err
	}
	return &churnwatchv1.ReplayReceiverResponse{Events: int32(replayed.Events)}, nil
}

// ListUndelivered returns what a receiver did not take.
func (s *webhookService) ListUndelivered(ctx context.Context, r *churnwatchv1.ListUndeliveredRequest) (*churnwatchv1.ListUndeliveredResponse, error) {
	events, err := s.webhooks.Undelivered(ctx, r.GetReceiverId())
	if err != nil {
		return nil, err
	}
	out := &churnwatchv1.ListUndeliveredResponse{}
	for i := range events {
		u := &events[i]
		out.Events = append(out.Events, &churnwatchv1.UndeliveredEvent{
			EventId: u.EventID, Type: u.Type, Feed: string(u.Feed), Sequence: u.Sequence.String(), Attempts: int32(u.Attempts),
			FirstAt: instant(&u.FirstAt), DueAt: instant(u.DueAt), DiedAt: instant(u.DiedAt), Reason: u.Reason,
		})
	}
	return out, nil
}

// RemoveReceiver forgets a receiver.
func (s *webhookService) RemoveReceiver(ctx context.Context, r *churnwatchv1.RemoveReceiverRequest) (*churnwatchv1.RemoveReceiverResponse, error) {
	if err := s.webhooks.Remove(ctx, r.GetReceiverId()); err != nil {
		return nil, err
	}
	return &churnwatchv1.RemoveReceiverResponse{Removed: r.GetReceiverId()}, nil
}
