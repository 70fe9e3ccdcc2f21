package duckdb

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/churnwatch/churnwatch/model"
)

// trialRun is the number of a scoring run that is never kept.
const trialRun = -1

// ScoreCustomer implements model.ScoreStore. Everyone is scored, since a
// percentile needs the others, by the statements of Score in a transaction
// that is taken back. Evidence is left empty, and the sequence is 0.
func (s *Store) ScoreCustomer(ctx context.Context, q model.ScoringQuery, customer string) (model.Score, error) {
	p, err := s.scoringPlan(q)
	if err != nil {
		return model.Score{}, err
	}
	var scores []model.Score
	err = s.read(ctx, func(tx *sql.Tx) error {
		summary := model.ScoringSummary{Run: trialRun}
		if err := s.see(ctx, tx, q.Sight, customer); err != nil {
			return err
		}
		if err := s.scoreInto(ctx, tx, p, q, &summary); err != nil {
			return err
		}
		if _, err := run(ctx, tx, s.queries.Script("features/scoring_trial"),
			sql.Named("run", trialRun), sql.Named("customer_id", customer), sql.Named("as_of", q.AsOf.UTC())); err != nil {
			return err
		}
		scores, err = s.scoresIn(ctx, tx, published{
			Snapshot: model.Snapshot{Run: trialRun, Model: q.Model, AsOf: q.AsOf.UTC(), ScoredAt: q.ScoredAt.UTC()},
			features: p.columns, definition: q.Definition,
			horizonDays: q.Definition.HorizonDays(), labelDefinition: q.Definition.Label(), quality: q.Quality,
		}, model.ScoreQuery{Reasons: -1}, customer)
		return err
	})
	if err != nil {
		return model.Score{}, fmt.Errorf("score a customer as of %s: %w", q.AsOf.UTC().Format("2006-01-02"), err)
	}
	if len(scores) == 0 {
		return model.Score{}, model.Errorf(model.KindNotFound, "no order or contract of this customer is known before %s", q.AsOf.UTC().Format("2006-01-02"))
	}
	return scores[0], nil
}
