package duckdb

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"

	"github.com/churnwatch/churnwatch/model"
)

// subjectSecret is the name of the secret under which customers are hashed.
const subjectSecret = "subjects"

// subjectKey returns the secret under which customers are hashed, made when it
// is first needed, so that a hash tells nothing to who does not hold this
// database.
func (s *Store) subjectKey(ctx context.Context, tx *sql.Tx) (string, error) {
	key, found, err := s.subjectKeyIn(ctx, tx)
	if err != nil || found {
		return key, err
	}
	var random [sha256.Size]byte
	if _, err := rand.Read(random[:]); err != nil {
		return "", model.Wrap(model.KindInternal, "make a secret", err)
	}
	key = hex.EncodeToString(random[:])
	_, err = run(ctx, tx, s.queries.Script("ledger/save_secret"), sql.Named("name", subjectSecret), sql.Named("value", key))
	return key, err
}

// subjectKeyIn returns the secret, and whether there is one yet.
func (s *Store) subjectKeyIn(ctx context.Context, tx *sql.Tx) (key string, found bool, err error) {
	found, err = one(ctx, tx, s.queries.Script("ledger/secret"), []any{&key}, sql.Named("name", subjectSecret))
	return key, found, err
}

// subjectOf is the keyed hash of a customer: H(k H(k id)), whose outer hash
// keeps a suffix from being added, as HMAC's does (Bellare, Canetti and
// Krawczyk 1996); SQL computes the same. It is "" for "".
func subjectOf(key, customer string) string {
	if customer == "" {
		return ""
	}
	inner := sha256.Sum256([]byte(key + customer))
	outer := sha256.Sum256([]byte(key + hex.EncodeToString(inner[:])))
	return hex.EncodeToString(outer[:])
}
