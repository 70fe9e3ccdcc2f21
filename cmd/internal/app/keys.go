package app

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
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

// DrawKey returns the text of a new key that no database knows.
func DrawKey() (string, error) { return access.Draw(rand.Reader) }

// GrantKeys makes sure that the keys of server.keys hold. A file that is not
// there is written with a new key, for its owner and group: it is written first,
// so that a key never holds whose text nobody has. One whose key has ended is
// passed over with an error in the log, while another key holds: who revokes a
// key takes nobody else's server away.
func (a *App) GrantKeys(ctx context.Context) error {
	grants, err := access.ReadGrants(a.Config.Server.Keys)
	if err != nil {
		return err
	}
	var ended error
	for _, g := range grants {
		err := a.grantKey(ctx, g)
		if err == nil {
			continue
		}
		err = fmt.Errorf("server.keys: %s: %s: %w", g.Name, g.File, err)
		if refusal := (*access.RefusalError)(nil); !errors.As(err, &refusal) {
			return err
		}
		ended = errors.Join(ended, err)
	}
	if ended == nil || !a.Keys.Holds() {
		return ended
	}
	a.Log.LogAttrs(ctx, slog.LevelError, "an API key of a file has ended", slog.Any("error", ended))
	return nil
}

func (a *App) grantKey(ctx context.Context, g access.Grant) error {
	text, err := os.ReadFile(g.File)
	if errors.Is(err, fs.ErrNotExist) {
		text, err = drawInto(g.File)
	}
	if err != nil {
		return model.Wrap(model.KindInvalid, "read an API key", err)
	}
	key, added, err := a.Keys.Admit(ctx, g.Request, strings.TrimSpace(string(text)))
	if err == nil && !added {
		return nil
	}
	if err == nil {
		a.Log.LogAttrs(ctx, slog.LevelInfo, "API key admitted", slog.String("name", g.Name), slog.String("key", key.ID), slog.String("file", g.File))
	}
	return a.noted(ctx, model.AuditEntry{Action: "keys create", Resource: key.ID}, err)
}

// drawInto writes a new key into a file that is not there yet, all of it or
// nothing.
func drawInto(path string) (text []byte, err error) {
	const mode = 0o640
	drawn, err := DrawKey()
	if err != nil {
		return nil, err
	}
	text = []byte(drawn + "\n")
	file, err := os.CreateTemp(filepath.Dir(path), ".key-*")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.Remove(file.Name()) }() // It has its own name by then, where all went well.
	_, err = file.Write(text)
	if err = errors.Join(err, file.Chmod(mode), file.Sync(), file.Close()); err != nil {
		return nil, err
	}
	return text, os.Link(file.Name(), path)
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
