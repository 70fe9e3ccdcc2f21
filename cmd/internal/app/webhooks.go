package app

import (
	"context"
	"crypto/rand"
	"net/netip"
	"time"

	"github.com/churnwatch/churnwatch/api"
	"github.com/churnwatch/churnwatch/api/webhook"
	"github.com/churnwatch/churnwatch/api/webhook/feed"
	"github.com/churnwatch/churnwatch/cmd/internal/config"
	"github.com/churnwatch/churnwatch/model"
)

type (
	// Receive says what a new receiver is to be.
	Receive = webhook.Request
	// Replay says what a receiver is to be sent again.
	Replay = webhook.Replay
	// IssuedReceiver is a receiver with a new secret.
	IssuedReceiver = webhook.Issued
)

// ReceiverEvents returns the events that a receiver can choose.
func ReceiverEvents() []string { return feed.Types() }

// newWebhooks makes the service that tells receivers of changes.
func (a *App) newWebhooks(cfg config.Webhooks) (*webhook.Service, error) {
	settings := webhook.Settings{
		Timeout: cfg.Timeout.Std(), RetryFor: cfg.RetryFor.Std(), DisableAfter: cfg.DisableAfter.Std(), Keep: cfg.Keep.Std(),
	}
	for _, text := range cfg.AllowNetworks {
		network, err := netip.ParsePrefix(text)
		if err != nil {
			return nil, model.Wrap(model.KindInvalid, "webhooks.allow_networks", err)
		}
		settings.Networks = append(settings.Networks, network.Masked())
	}
	return webhook.New(webhook.Options{
		Store: a.Store, Scores: a.Store, Triggers: a.Retention, Settings: settings, Version: a.Version, Log: a.Log, Clock: a.Clock, Random: rand.Reader,
		Render: feed.Render{Score: api.ScoreJSON, Trigger: api.TriggerJSON, Reasons: api.ListedReasons},
	}), nil
}

// AddReceiver makes a receiver of webhooks and notes it.
func (a *App) AddReceiver(ctx context.Context, q Receive) (IssuedReceiver, error) {
	issued, err := a.Webhooks.Add(ctx, q)
	return issued, a.notedReceiver(ctx, "webhooks add", issued.Receiver.ID, err)
}

// RotateReceiver gives a receiver a new secret and notes it.
func (a *App) RotateReceiver(ctx context.Context, id string, overlap time.Duration) (IssuedReceiver, error) {
	issued, err := a.Webhooks.Rotate(ctx, id, overlap)
	return issued, a.notedReceiver(ctx, "webhooks rotate", id, err)
}

// EnableReceiver starts a receiver again and notes it.
func (a *App) EnableReceiver(ctx context.Context, id string) (model.Receiver, error) {
	receiver, err := a.Webhooks.Enable(ctx, id)
	return receiver, a.notedReceiver(ctx, "webhooks enable", id, err)
}

// RemoveReceiver forgets a receiver and notes it.
func (a *App) RemoveReceiver(ctx context.Context, id string) error {
	return a.notedReceiver(ctx, "webhooks remove", id, a.Webhooks.Remove(ctx, id))
}

// TestReceiver sends a receiver a test and notes it.
func (a *App) TestReceiver(ctx context.Context, id string) (webhook.Trial, error) {
	trial, err := a.Webhooks.Test(ctx, id)
	return trial, a.notedReceiver(ctx, "webhooks test", id, err)
}

// ReplayTo lets events be sent to a receiver again and notes it.
func (a *App) ReplayTo(ctx context.Context, id string, q Replay) (webhook.Replayed, error) {
	replayed, err := a.Webhooks.Replay(ctx, id, q)
	return replayed, a.notedReceiver(ctx, "webhooks replay", id, err)
}

func (a *App) notedReceiver(ctx context.Context, action, id string, err error) error {
	return a.noted(ctx, model.AuditEntry{Action: action, Resource: id}, err)
}
