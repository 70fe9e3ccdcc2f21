package model

import (
	"context"
	"time"
)

// AuditEntry says that somebody read what is known of people, changed
// something, or was refused.
type AuditEntry struct {
	At time.Time `json:"at"`
	// KeyID and KeyName are of the API key; without one, who called stands as
	// KeyName: local for the machine's own callers, command for a command.
	KeyID   string `json:"key_id"`
	KeyName string `json:"key_name"`
	// Action is a gRPC method, service and name, or a command.
	Action string `json:"action"`
	// CustomerID is whom it was about, "" for nobody or many. It is kept as a
	// keyed hash alone, and comes back empty.
	CustomerID string `json:"-"`
	// Subject is the keyed hash of CustomerID, as it is kept; an entry that is
	// written may have it in the place of CustomerID.
	Subject string `json:"subject"`
	// Resource is what else it was about: a trigger, a kind, a model, a key.
	Resource string `json:"resource"`
	// Outcome is ok, or the code of the refusal or fault.
	Outcome   string `json:"outcome"`
	RequestID string `json:"request_id"`
	// Times is how many calls the entry stands for, all alike but for their
	// request id, of which the first is kept.
	Times int64 `json:"times"`
}

// AuditQuery restricts a list of entries. Zero values do not.
type AuditQuery struct {
	// Since is the earliest instant.
	Since time.Time
	// Key is a key's id or a KeyName.
	Key string
	// CustomerID is a customer.
	CustomerID string
	// Limit is at most so many; 0 is all.
	Limit int
}

// AuditStore keeps who did what. Entries are only ever added.
type AuditStore interface {
	// Audit adds entries, all or none, and returns when they are on the disk.
	Audit(ctx context.Context, entries []AuditEntry) error
	// Audited returns entries, the newest first.
	Audited(ctx context.Context, q AuditQuery) ([]AuditEntry, error)
}
