package api_test

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/churnwatch/churnwatch/api/access"
	"github.com/churnwatch/churnwatch/model"
)

// vault keeps keys and the audit log in memory.
type vault struct {
	mu      sync.Mutex
	keys    []model.APIKey
	entries []model.AuditEntry
}

func (v *vault) SaveKey(_ context.Context, k model.APIKey) error {
	v.keys = append(v.keys, k)
	return nil
}

func (v *vault) EndKey(_ context.Context, id string, end model.KeyEnd, at time.Time) error {
	for i := range v.keys {
		if v.keys[i].ID == id {
			v.keys[i].EndsAt, v.keys[i].End = &at, end
		}
	}
	return nil
}

func (v *vault) RotateKey(ctx context.Context, id string, at time.Time, successor model.APIKey) error {
	return errors.Join(v.SaveKey(ctx, successor), v.EndKey(ctx, id, model.KeyRotated, at))
}

func (v *vault) Keys(context.Context) ([]model.APIKey, error) {
	return append([]model.APIKey{}, v.keys...), nil
}

func (v *vault) Audit(_ context.Context, entries []model.AuditEntry) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.entries = append(v.entries, entries...)
	return nil
}

func (v *vault) Audited(context.Context, model.AuditQuery) ([]model.AuditEntry, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	return append([]model.AuditEntry{}, v.entries...), nil
}

// keyed is a keyring, and what stands behind it.
type keyed struct {
	*access.Keyring

	t     *testing.T
	vault *vault
	log   *access.Log
	now   time.Time
	// stop ends the audit log, and waits until it is written.
	stop func()
}

// keyring returns one without keys, and an audit log that is written.
func keyring(t *testing.T) *keyed {
	t.Helper()
	k := &keyed{t: t, vault: &vault{}, now: noon}
	var err error
	if k.Keyring, err = access.Open(t.Context(), k.vault, func() time.Time { return k.now }, rand.Reader); err != nil {
		t.Fatal(err)
	}
	k.log = access.NewLog(k.vault, slog.New(slog.DiscardHandler), time.Hour)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		k.log.Run(ctx)
	}()
	k.stop = func() {
		cancel()
		<-done
	}
	t.Cleanup(k.stop)
	return k
}

// key makes a key with scopes.
func (k *keyed) key(lasts time.Duration, scopes ...model.Scope) access.Issued {
	k.t.Helper()
	issued, err := k.Create(k.t.Context(), access.Request{Name: "tool", Scopes: scopes, Lasts: lasts})
	if err != nil {
		k.t.Fatal(err)
	}
	return issued
}

// bad are keys that must be refused, each with the code of its refusal.
func (k *keyed) bad() map[string]string {
	k.t.Helper()
	k.now = noon.Add(-2 * time.Hour)
	expired := k.key(time.Hour, model.ScopeAdmin)
	k.now = noon
	revoked := k.key(0, model.ScopeAdmin)
	if _, err := k.Revoke(k.t.Context(), revoked.Key.ID); err != nil {
		k.t.Fatal(err)
	}
	other := keyring(k.t).key(0, model.ScopeAdmin)
	return map[string]string{
		"":                        access.CodeNoKey,
		"Bearer " + other.Text:    access.CodeWrongKey,
		"Bearer nonsense":         access.CodeWrongKey,
		"Basic " + revoked.Text:   access.CodeWrongKey,
		"Bearer " + expired.Text:  access.CodeExpiredKey,
		"bearer  " + revoked.Text: access.CodeRevokedKey,
	}
}
