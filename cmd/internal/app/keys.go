package app

import (
	"context"
	"errors"
	"time"

	"github.com/churnwatch/churnwatch/api/access"
	"github.com/churnwatch/churnwatch/model"
)

// commandCaller is who gives commands, for the audit log.
const commandCaller = "command"

// CreateKey makes an API key and notes it.
func (a *App) CreateKey(ctx context.Context, name string, scopes []string, lasts time.Duration) (access.Issued, error) {
	request := access.Request{Name: name, Lasts: lasts}
	for _, s := range scopes {
		request.Scopes = append(request.Scopes, model.Scope(s))
	}
	issued, err := a.Keys.Create(ctx, request)
	return issued, a.noted(ctx, model.AuditEntry{Action: "keys create", Resource: issued.Key.ID}, err)
}

// RotateKey makes the successor of a key and notes it.
func (a *App) RotateKey(ctx context.Context, id string, overlap time.Duration) (access.Issued, error) {
	issued, err := a.Keys.Rotate(ctx, id, overlap)
	return issued, a.noted(ctx, model.AuditEntry{Action: "keys rotate", Resource: id}, err)
}

// RevokeKey ends a key and notes it.
func (a *App) RevokeKey(ctx context.Context, id string) (model.APIKey, error) {
	key, err := a.Keys.Revoke(ctx, id)
	return key, a.noted(ctx, model.AuditEntry{Action: "keys revoke", Resource: key.ID}, err)
}

// noted writes a command into the audit log, with what became of it, and
// returns that.
func (a *App) noted(ctx context.Context, e model.AuditEntry, err error) error {
	e.At, e.KeyName, e.Outcome = a.Clock().UTC(), commandCaller, "ok"
	if err != nil {
		e.Outcome = string(model.KindOf(err))
	}
	return errors.Join(err, a.Store.Audit(context.WithoutCancel(ctx), []model.AuditEntry{e}))
}
