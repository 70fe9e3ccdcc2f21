package duckdb

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"github.com/churnwatch/churnwatch/model"
)

// SaveKey implements model.KeyStore.
func (s *Store) SaveKey(ctx context.Context, k model.APIKey) error {
	if err := s.writeReserved(ctx, func(tx *sql.Tx) error { return s.saveKey(ctx, tx, k) }); err != nil {
		return fmt.Errorf("save API key: %w", err)
	}
	return nil
}

// EndKey implements model.KeyStore.
func (s *Store) EndKey(ctx context.Context, id string, end model.KeyEnd, at time.Time) error {
	err := s.writeReserved(ctx, func(tx *sql.Tx) error { return s.endKey(ctx, tx, id, end, at, "") })
	if err != nil {
		return fmt.Errorf("end API key %s: %w", id, err)
	}
	return nil
}

// RotateKey implements model.KeyStore.
func (s *Store) RotateKey(ctx context.Context, id string, at time.Time, successor model.APIKey) error {
	err := s.writeReserved(ctx, func(tx *sql.Tx) error {
		if err := s.saveKey(ctx, tx, successor); err != nil {
			return err
		}
		return s.endKey(ctx, tx, id, model.KeyRotated, at, successor.ID)
	})
	if err != nil {
		return fmt.Errorf("rotate API key %s: %w", id, err)
	}
	return nil
}

func (s *Store) saveKey(ctx context.Context, tx *sql.Tx, k model.APIKey) error {
	scopes, err := json.Marshal(k.Scopes)
	if err != nil {
		return err
	}
	if _, err := run(ctx, tx, s.queries.Script("ledger/save_key"), sql.Named("id", k.ID), sql.Named("name", k.Name),
		sql.Named("hash", k.Hash), sql.Named("scopes", string(scopes)), sql.Named("created_at", k.CreatedAt.UTC())); err != nil {
		return err
	}
	if k.EndsAt == nil {
		return nil
	}
	return s.endKey(ctx, tx, k.ID, k.End, *k.EndsAt, "")
}

func (s *Store) endKey(ctx context.Context, tx *sql.Tx, id string, end model.KeyEnd, at time.Time, successor string) error {
	ended, err := run(ctx, tx, s.queries.Script("ledger/end_key"), sql.Named("id", id), sql.Named("ends_at", at.UTC()),
		sql.Named("reason", string(end)), sql.Named("successor", successor))
	if err == nil && ended == 0 {
		err = model.Errorf(model.KindNotFound, "there is no such key: `churnwatch keys list` shows them")
	}
	return err
}

// Keys implements model.KeyStore.
func (s *Store) Keys(ctx context.Context) ([]model.APIKey, error) {
	keys := []model.APIKey{}
	err := s.read(ctx, func(tx *sql.Tx) error {
		return each(ctx, tx, s.queries.Script("ledger/keys"), func(scan func(...any) error) error {
			var k model.APIKey
			var scopes string
			var ends sql.NullTime
			if err := scan(&k.ID, &k.Name, &k.Hash, &scopes, &k.CreatedAt, &ends, &k.End, &k.Successor); err != nil {
				return err
			}
			k.CreatedAt = k.CreatedAt.UTC()
			if ends.Valid {
				k.EndsAt = new(ends.Time.UTC())
			}
			keys = append(keys, k)
			return json.Unmarshal([]byte(scopes), &keys[len(keys)-1].Scopes)
		})
	})
	if err != nil {
		return nil, fmt.Errorf("list API keys: %w", err)
	}
	return keys, nil
}
