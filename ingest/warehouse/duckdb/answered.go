package duckdb

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/churnwatch/churnwatch/model"
)

// Answered implements model.Ledger.
func (s *Store) Answered(ctx context.Context, key string, after time.Time) (model.KeptAnswer, error) {
	kept := model.KeptAnswer{Key: key}
	err := s.read(ctx, func(tx *sql.Tx) error {
		var answer string
		found, err := one(ctx, tx, s.queries.Script("ledger/kept_answer"), []any{&kept.Hash, &answer, &kept.At},
			sql.Named("key", key), sql.Named("after", after.UTC()))
		if err == nil && !found {
			err = model.Errorf(model.KindNotFound, "no answer is kept under this key")
		}
		kept.Answer, kept.At = []byte(answer), kept.At.UTC()
		return err
	})
	if err != nil {
		return model.KeptAnswer{}, fmt.Errorf("kept answer: %w", err)
	}
	return kept, nil
}

// keepAnswer keeps one within the transaction of what it is about.
func (s *Store) keepAnswer(ctx context.Context, tx *sql.Tx, kept model.KeptAnswer) error {
	_, err := run(ctx, tx, s.queries.Script("ledger/keep_answer"),
		sql.Named("key", kept.Key), sql.Named("hash", kept.Hash), sql.Named("answer", string(kept.Answer)),
		sql.Named("at", kept.At.UTC()), sql.Named("expired", kept.Expired.UTC()))
	return err
}
