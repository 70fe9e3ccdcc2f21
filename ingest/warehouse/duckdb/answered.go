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

// keepAnswers keeps some within the transaction of what they are about.
func (s *Store) keepAnswers(ctx context.Context, tx *sql.Tx, kept []model.KeptAnswer) error {
	if len(kept) == 0 {
		return nil
	}
	keys, hashes, answers := make([]string, len(kept)), make([]string, len(kept)), make([]string, len(kept))
	microseconds, expired := make([]int64, len(kept)), kept[0].Expired
	for i, k := range kept {
		keys[i], hashes[i], answers[i], microseconds[i] = k.Key, k.Hash, string(k.Answer), k.At.UnixMicro()
		if k.Expired.After(expired) {
			expired = k.Expired
		}
	}
	_, err := run(ctx, tx, s.queries.Script("ledger/keep_answers"),
		sql.Named("keys", keys), sql.Named("hashes", hashes), sql.Named("answers", answers),
		sql.Named("microseconds", microseconds), sql.Named("expired", expired.UTC()))
	return err
}
