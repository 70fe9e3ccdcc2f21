package model

import (
	"context"
	"encoding/json"
	"slices"
	"time"
)

// Scope is one thing that an API key may do.
type Scope string

// The scopes of keys.
const (
	ScopeScoresRead     Scope = "scores:read"
	ScopeInsightsRead   Scope = "insights:read"
	ScopeTriggersWrite  Scope = "triggers:write"
	ScopeIngestWrite    Scope = "ingest:write"
	ScopeModelsWrite    Scope = "models:write"
	ScopeCustomersErase Scope = "customers:erase"
	ScopeMetricsRead    Scope = "metrics:read"
	// ScopeAdmin holds all others.
	ScopeAdmin Scope = "admin"
)

// Scopes returns all of them, in the order in which people are told.
func Scopes() []Scope {
	return []Scope{
		ScopeScoresRead, ScopeInsightsRead, ScopeTriggersWrite, ScopeIngestWrite, ScopeModelsWrite, ScopeCustomersErase,
		ScopeMetricsRead, ScopeAdmin,
	}
}

// KeyEnd is why a key holds no more, or will hold no more.
type KeyEnd string

// The ends of keys; KeyLasts is that of a key that has none.
const (
	KeyLasts   KeyEnd = ""
	KeyExpired KeyEnd = "expired"
	// KeyRotated is the end of the overlap with a key's successor.
	KeyRotated KeyEnd = "rotated"
	KeyRevoked KeyEnd = "revoked"
)

// APIKey is what is kept of a key. Its text is shown once and kept nowhere.
type APIKey struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	// Hash is the SHA-256 of the key's text, in hexadecimal.
	Hash      string    `json:"-"`
	Scopes    []Scope   `json:"scopes"`
	CreatedAt time.Time `json:"created_at"`
	// EndsAt is from when on the key does not hold, nil for never, and End why.
	EndsAt *time.Time `json:"ends_at"`
	End    KeyEnd     `json:"end"`
	// Successor is the id of the key that it was rotated to, "" without one.
	Successor string `json:"successor"`
}

// MarshalJSON writes what a key does not have, an end or a successor, as null.
func (k APIKey) MarshalJSON() ([]byte, error) {
	type plain APIKey
	out := struct {
		plain

		End       *KeyEnd `json:"end"`
		Successor *string `json:"successor"`
	}{plain: plain(k)}
	if k.End != KeyLasts {
		out.End = &k.End
	}
	if k.Successor != "" {
		out.Successor = &k.Successor
	}
	return json.Marshal(out)
}

// Ended returns why the key does not hold at an instant, KeyLasts while it
// does.
func (k APIKey) Ended(at time.Time) KeyEnd {
	if k.EndsAt == nil || at.Before(*k.EndsAt) {
		return KeyLasts
	}
	return k.End
}

// Allows reports whether a key may do what needs a scope.
func (k APIKey) Allows(needed Scope) bool {
	return slices.Contains(k.Scopes, needed) || slices.Contains(k.Scopes, ScopeAdmin)
}

// KeyStore keeps API keys. Rows are only ever added: a key that was never
// leaves, so that the list says who could do what, and when.
type KeyStore interface {
	// SaveKey stores a new key, with its expiry as its end where it has one.
	SaveKey(ctx context.Context, k APIKey) error
	// EndKey says that a key ends, KindNotFound for an unknown id. Of several
	// ends the earliest counts.
	EndKey(ctx context.Context, id string, end KeyEnd, at time.Time) error
	// RotateKey stores a key and, at once, the end of the one before it.
	RotateKey(ctx context.Context, id string, at time.Time, successor APIKey) error
	// Keys returns all keys, the oldest first.
	Keys(ctx context.Context) ([]APIKey, error)
}
