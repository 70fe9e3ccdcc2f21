package duckdb

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/churnwatch/churnwatch/model"
)

// amendPatience is how long an amendment that was computed waits for the writer.
const amendPatience = 5 * time.Second

// Amend implements model.ScoreStore. The scores are made by the statements of
// Score, before the writer is taken: batches are loaded meanwhile.
func (s *Store) Amend(ctx context.Context, q model.ScoringQuery) (a model.Amendment, err error) {
	p, err := s.scoringPlan(q)
	if err != nil {
		return a, err
	}
	db, err := s.acquire(ctx)
	if err != nil {
		return a, fmt.Errorf("amend scores: %w", err)
	}
	defer func() { s.release(err) }()
	amending := false
	err = s.transactOn(ctx, db, func(tx *sql.Tx) error {
		before, err := s.stateOf(ctx, tx)
		if err != nil {
			return err
		}
		snapshot, err := s.amended(ctx, tx, q)
		if err != nil {
			return err
		}
		q.Quality = snapshot.quality
		var summary model.ScoringSummary
		if _, err := one(ctx, tx, s.queries.Script("features/scoring_number"), []any{&summary.Run}); err != nil {
			return err
		}
		if err := s.scoreInto(ctx, tx, p, q, &summary); err != nil {
			return err
		}
		done, err := s.takeWriter(ctx)
		if err != nil {
			return err
		}
		defer done()
		if now, err := s.stateOf(ctx, db); err != nil || now != before {
			if err == nil {
				err = model.Errorf(model.KindConflict, "scores were published, or a customer erased, meanwhile: try again")
			}
			return err
		}
		amending = true
		if _, err := run(ctx, tx, s.queries.Script("scores/amend"), sql.Named("run", summary.Run), sql.Named("snapshot", snapshot.Run),
			sql.Named("as_of", q.AsOf.UTC()), sql.Named("scored_at", q.ScoredAt.UTC()), sql.Named("published_at", q.ScoredAt.UTC())); err != nil {
			return err
		}
		a = model.Amendment{Snapshot: snapshot.Run, Customers: summary.Scored + summary.Insufficient + summary.NotEligible}
		return s.commit(ctx, tx, s.keepFree)
	})
	if amending {
		s.shown.customers(q.Customers, err)
	}
	if err != nil {
		return model.Amendment{}, fmt.Errorf("amend scores as of %s: %w", q.AsOf.UTC().Format(time.RFC3339), err)
	}
	return a, nil
}

// amended returns the snapshot that an amendment goes into.
func (s *Store) amended(ctx context.Context, tx *sql.Tx, q model.ScoringQuery) (published, error) {
	p, err := s.current(ctx, tx)
	switch {
	case err != nil:
		return p, err
	case p.Model != q.Model:
		return p, model.Errorf(model.KindConflict, "the snapshot was made by model %d, not by %d", p.Model, q.Model)
	case q.AsOf.Before(p.AsOf):
		return p, model.Errorf(model.KindConflict, "the snapshot is as of %s already", p.AsOf.Format(time.RFC3339))
	}
	return p, nil
}

// publishing is what no transaction may write on that does not see it.
type publishing struct{ Publication, Erased int64 }

func (s *Store) stateOf(ctx context.Context, q querier) (out publishing, err error) {
	_, err = one(ctx, q, s.queries.Script("scores/state"), []any{&out.Publication, &out.Erased})
	return out, err
}

// takeWriter waits for the writer, not for long: who exchanges the file holds it
// and waits for everybody else.
func (s *Store) takeWriter(ctx context.Context) (done func(), err error) {
	timer := time.NewTimer(amendPatience)
	defer timer.Stop()
	select {
	case s.writing <- struct{}{}:
		return func() { <-s.writing }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-timer.C:
		return nil, model.Errorf(model.KindUnavailable, "the database is written to: try again")
	}
}

// Touched implements model.ScoreStore.
func (s *Store) Touched(ctx context.Context, load int64, asOf, scoredAt time.Time) ([]string, error) {
	var tables []string
	for _, kind := range model.FactKinds() {
		if kind != model.OrderItems {
			tables = append(tables, string(kind))
		}
	}
	script, err := s.queries.Render("scores/touched", tables)
	if err != nil {
		return nil, model.Wrap(model.KindInternal, "touched customers", err)
	}
	out := []string{}
	err = s.read(ctx, func(tx *sql.Tx) error {
		return each(ctx, tx, script, func(scan func(...any) error) error {
			var customer string
			err := scan(&customer)
			out = append(out, customer)
			return err
		}, sql.Named("load", load), sql.Named("as_of", asOf.UTC()), sql.Named("scored_at", scoredAt.UTC()))
	})
	if err != nil {
		return nil, fmt.Errorf("customers of new facts: %w", err)
	}
	return out, nil
}
