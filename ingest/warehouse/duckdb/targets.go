package duckdb

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/churnwatch/churnwatch/model"
)

// Targets counts the units of every target, in the order of their names.
func (s *Store) Targets(ctx context.Context, q model.TargetsQuery) ([]model.TargetCount, error) {
	script, err := s.queries.Render("boards/targets", struct{ Cancellation bool }{q.Definition.Kind == model.Cancellation})
	if err != nil {
		return nil, model.Wrap(model.KindInternal, "targets", err)
	}
	out := []model.TargetCount{}
	err = s.read(ctx, func(tx *sql.Tx) error {
		return each(ctx, tx, script, func(scan func(...any) error) error {
			var c model.TargetCount
			err := scan(&c.Target, &c.Units, &c.Sum, &c.Squares, &c.Open, &c.Unanswered, &c.Others, &c.OthersSum, &c.Evidence)
			out = append(out, c)
			return err
		}, sql.Named("as_of", q.AsOf.UTC()), sql.Named("from", q.From.UTC()), sql.Named("lookback_days", wholeDays(q.Definition.Lookback)),
			sql.Named("reply_days", wholeDays(q.ReplyWindow)), sql.Named("ask_days", wholeDays(q.AskWindow)),
			sql.Named("outcome_days", wholeDays(q.OutcomeWindow)), sql.Named("again_from_days", wholeDays(q.AgainFrom)),
			sql.Named("again_until_days", wholeDays(q.AgainUntil)))
	})
	if err != nil {
		return nil, fmt.Errorf("targets before %s: %w", q.AsOf.UTC().Format(time.DateOnly), err)
	}
	return out, nil
}

// wholeDays returns a span in days; what is left over counts for nothing.
func wholeDays(d time.Duration) int { return int(d / model.Day) }
