package duckdb

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/churnwatch/churnwatch/model"
)

// Published implements model.OutcomeReader.
func (s *Store) Published(ctx context.Context) (runs []model.PublishedRun, err error) {
	err = s.read(ctx, func(tx *sql.Tx) error {
		runs = nil
		return each(ctx, tx, s.queries.Script("scores/published"), func(scan func(...any) error) error {
			var r model.PublishedRun
			var horizon, lookback int64
			err := scan(&r.Run, &r.Model, &r.AsOf, &r.ScoredAt, &r.PublishedAt, &r.Definition.Kind, &horizon, &lookback)
			r.AsOf, r.ScoredAt, r.PublishedAt = r.AsOf.UTC(), r.ScoredAt.UTC(), r.PublishedAt.UTC()
			r.Definition.Horizon = time.Duration(horizon) * time.Microsecond
			r.Definition.Lookback = time.Duration(lookback) * time.Microsecond
			runs = append(runs, r)
			return err
		})
	})
	if err != nil {
		return nil, fmt.Errorf("published runs: %w", err)
	}
	return runs, nil
}

// Outcomes implements model.OutcomeReader.
func (s *Store) Outcomes(ctx context.Context, r model.PublishedRun) (outcomes []model.Outcome, err error) {
	script, err := s.queries.Render("scores/realised", struct {
		Labels, Cancellation bool
		AsOf, LabelEnd       time.Time
	}{true, r.Definition.Kind == model.Cancellation, r.AsOf, r.AsOf.Add(r.Definition.Horizon)})
	if err != nil {
		return nil, model.Wrap(model.KindInternal, "outcomes", err)
	}
	err = s.read(ctx, func(tx *sql.Tx) error {
		outcomes = nil
		return each(ctx, tx, script, func(scan func(...any) error) error {
			var o model.Outcome
			err := scan(&o.Customer, &o.Probability, &o.Churned, &o.Holdout, &o.Treated)
			outcomes = append(outcomes, o)
			return err
		}, sql.Named("run", r.Run))
	})
	if err != nil {
		return nil, fmt.Errorf("outcomes of run %d: %w", r.Run, err)
	}
	return outcomes, nil
}
