package access

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/churnwatch/churnwatch/model"
)

// Keyring knows every key of a database. It holds them in memory, so that a
// call costs no query; the process that holds the database is the only one
// that can change them, and does so through the keyring, so that a revoked key
// is refused from the next call on.
type Keyring struct {
	store  model.KeyStore
	clock  func() time.Time
	random io.Reader

	mu   sync.RWMutex
	keys []model.APIKey
	// sums are the hashes of keys, in their order.
	sums [][sha256.Size]byte
}

// Issued is a new key with its text, which is shown this once.
type Issued struct {
	Text string       `json:"key"`
	Key  model.APIKey `json:"about"`
}

// Request says what a new key is to be.
type Request struct {
	// Name is who uses it, in the user's words.
	Name   string
	Scopes []model.Scope
	// Lasts is until it expires; 0 is for ever.
	Lasts time.Duration
}

// Open reads the keys of a database.
func Open(ctx context.Context, store model.KeyStore, clock func() time.Time, random io.Reader) (*Keyring, error) {
	k := &Keyring{store: store, clock: clock, random: random}
	return k, k.Reload(ctx)
}

// Reload reads the keys again, as after a database was put back from a backup.
func (k *Keyring) Reload(ctx context.Context) error {
	keys, err := k.store.Keys(ctx)
	if err != nil {
		return err
	}
	sums := make([][sha256.Size]byte, len(keys))
	for i := range keys {
		sum, err := hex.DecodeString(keys[i].Hash)
		if err != nil || len(sum) != sha256.Size {
			return model.Errorf(model.KindInternal, "API key %s: its hash is damaged", keys[i].ID)
		}
		copy(sums[i][:], sum)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.keys, k.sums = keys, sums
	return nil
}

// Any reports whether a key was ever made. From then on every caller needs
// one: a revoked last key must not open the door to all. A nil keyring has
// none.
func (k *Keyring) Any() bool {
	if k == nil {
		return false
	}
	k.mu.RLock()
	defer k.mu.RUnlock()
	return len(k.keys) > 0
}

// Holds reports whether a key holds now.
func (k *Keyring) Holds() bool {
	now := k.clock().UTC()
	k.mu.RLock()
	defer k.mu.RUnlock()
	return slices.ContainsFunc(k.keys, func(key model.APIKey) bool { return key.Ended(now) == model.KeyLasts })
}

// Identify returns the key of a text, or a *RefusalError. It compares with every key
// in the same time, whichever fits.
func (k *Keyring) Identify(token string) (model.APIKey, error) {
	if token == "" {
		return model.APIKey{}, &RefusalError{Code: CodeNoKey, Text: "an API key is needed: Authorization: Bearer cw_..."}
	}
	unknown := &RefusalError{Code: CodeWrongKey, Text: "this is no API key of this server"}
	if !wellFormed(token) {
		return model.APIKey{}, unknown
	}
	sum := sha256.Sum256([]byte(token))
	found := -1
	k.mu.RLock()
	defer k.mu.RUnlock()
	for i := range k.sums {
		found = subtle.ConstantTimeSelect(subtle.ConstantTimeCompare(k.sums[i][:], sum[:]), i, found)
	}
	if found < 0 {
		return model.APIKey{}, unknown
	}
	key := k.keys[found]
	switch key.Ended(k.clock().UTC()) {
	case model.KeyLasts:
		return key, nil
	case model.KeyRevoked:
		return key, &RefusalError{Code: CodeRevokedKey, Text: "the API key was revoked"}
	case model.KeyExpired, model.KeyRotated:
	}
	return key, &RefusalError{Code: CodeExpiredKey, Text: "the API key has expired: use its successor, or ask for another"}
}

// Create makes a key.
func (k *Keyring) Create(ctx context.Context, r Request) (Issued, error) {
	if err := checkRequest(r); err != nil {
		return Issued{}, err
	}
	issued, err := k.draw(r)
	if err != nil {
		return Issued{}, err
	}
	if r.Lasts > 0 {
		issued.Key.EndsAt, issued.Key.End = new(issued.Key.CreatedAt.Add(r.Lasts)), model.KeyExpired
	}
	if err := k.store.SaveKey(ctx, issued.Key); err != nil {
		return Issued{}, err
	}
	return issued, k.Reload(ctx)
}

// Admit makes sure that the key of a text holds, and reports whether it is new
// here. A key that has ended is KindConflict and a *RefusalError, one that may do
// something else KindConflict.
func (k *Keyring) Admit(ctx context.Context, r Request, text string) (key model.APIKey, added bool, err error) {
	if err := checkRequest(r); err != nil {
		return key, false, err
	}
	if !wellFormed(text) {
		return key, false, model.Errorf(model.KindInvalid, "it is no API key: `churnwatch keys draw` makes one")
	}
	key, err = k.Identify(text)
	refusal := (*RefusalError)(nil)
	switch {
	case err == nil && !slices.Equal(slices.Sorted(slices.Values(key.Scopes)), slices.Sorted(slices.Values(r.Scopes))):
		return key, false, model.Errorf(model.KindConflict, "API key %s has the scopes %v, and %v are wanted: give another file, or remove this one", key.ID, key.Scopes, r.Scopes)
	case err == nil:
		return key, false, nil
	case errors.As(err, &refusal) && refusal.Code != CodeWrongKey:
		return key, false, model.Errorf(model.KindConflict, "API key %s: %w: put another in its file, or remove the file", key.ID, refusal)
	}
	issued, err := k.about(r, text)
	if err == nil {
		err = k.store.SaveKey(ctx, issued.Key)
	}
	if err != nil {
		return key, false, err
	}
	return issued.Key, true, k.Reload(ctx)
}

// Draw returns the text of a new key, which is stored nowhere yet.
func Draw(random io.Reader) (string, error) { return newToken(random) }

// List returns all keys, the oldest first.
func (k *Keyring) List(ctx context.Context) ([]model.APIKey, error) { return k.store.Keys(ctx) }

// Rotate makes a key with the name, scopes and remaining time of another, which
// holds on for the overlap.
func (k *Keyring) Rotate(ctx context.Context, id string, overlap time.Duration) (Issued, error) {
	old, err := k.find(ctx, id)
	if err != nil {
		return Issued{}, err
	}
	now := k.clock().UTC()
	if end := old.Ended(now); end != model.KeyLasts || old.Successor != "" {
		return Issued{}, model.Errorf(model.KindConflict, "rotate API key %s: it was %s already: make another with `churnwatch keys create`", id, endWord(end, old))
	}
	issued, err := k.draw(Request{Name: old.Name, Scopes: old.Scopes})
	if err != nil {
		return Issued{}, err
	}
	if old.EndsAt != nil {
		issued.Key.EndsAt, issued.Key.End = new(issued.Key.CreatedAt.Add(old.EndsAt.Sub(old.CreatedAt))), model.KeyExpired
	}
	if err := k.store.RotateKey(ctx, id, now.Add(overlap), issued.Key); err != nil {
		return Issued{}, err
	}
	return issued, k.Reload(ctx)
}

func endWord(end model.KeyEnd, old model.APIKey) string {
	if old.Successor != "" {
		return "rotated to " + old.Successor
	}
	return string(end)
}

// Revoke ends a key at once. Revoking it again changes nothing.
func (k *Keyring) Revoke(ctx context.Context, id string) (model.APIKey, error) {
	old, err := k.find(ctx, id)
	if err != nil {
		return model.APIKey{}, err
	}
	if now := k.clock().UTC(); old.Ended(now) == model.KeyLasts {
		if err := k.store.EndKey(ctx, id, model.KeyRevoked, now); err != nil {
			return model.APIKey{}, err
		}
		if err := k.Reload(ctx); err != nil {
			return model.APIKey{}, err
		}
	}
	return k.find(ctx, id)
}

func (k *Keyring) find(ctx context.Context, id string) (model.APIKey, error) {
	keys, err := k.store.Keys(ctx)
	if err != nil {
		return model.APIKey{}, err
	}
	for _, key := range keys {
		if key.ID == id {
			return key, nil
		}
	}
	return model.APIKey{}, model.Errorf(model.KindNotFound, "there is no API key %q: `churnwatch keys list` shows them", id)
}

// draw makes a key that is stored nowhere yet.
func (k *Keyring) draw(r Request) (Issued, error) {
	text, err := newToken(k.random)
	if err != nil {
		return Issued{}, err
	}
	return k.about(r, text)
}

// about says of a text what is stored of it.
func (k *Keyring) about(r Request, text string) (Issued, error) {
	var id [6]byte
	if _, err := io.ReadFull(k.random, id[:]); err != nil {
		return Issued{}, fmt.Errorf("draw an API key: %w", err)
	}
	return Issued{Text: text, Key: model.APIKey{
		ID: "key_" + hex.EncodeToString(id[:]), Name: r.Name, Hash: hashOf(text), Scopes: r.Scopes, CreatedAt: k.clock().UTC().Truncate(time.Microsecond),
	}}, nil
}

const longestName = 100

// checkRequest refuses what could not be told apart, or could do nothing.
func checkRequest(r Request) error {
	switch {
	case strings.TrimSpace(r.Name) == "" || len(r.Name) > longestName || strings.ContainsFunc(r.Name, func(c rune) bool { return c < ' ' || c == 0x7f }):
		return model.Errorf(model.KindInvalid, "name of an API key: want 1 to %d bytes without control characters", longestName)
	case strings.Contains(r.Name, tokenPrefix):
		return model.Errorf(model.KindInvalid, "name of an API key: it may not hold %s, so that no key is taken for one", tokenPrefix)
	case len(r.Scopes) == 0:
		return model.Errorf(model.KindInvalid, "scopes of an API key: want some of %v", model.Scopes())
	case r.Lasts < 0:
		return model.Errorf(model.KindInvalid, "an API key can't have expired before it is made")
	}
	for i, s := range r.Scopes {
		if !slices.Contains(model.Scopes(), s) {
			return model.Errorf(model.KindInvalid, "there is no scope %q: want some of %v", s, model.Scopes())
		}
		if slices.Contains(r.Scopes[:i], s) {
			return model.Errorf(model.KindInvalid, "scope %s is given twice", s)
		}
	}
	return nil
}
