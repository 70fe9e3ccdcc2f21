package duckdb

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"github.com/churnwatch/churnwatch/model"
)

// published is a snapshot with what its scores are read with.
type published struct {
	model.Snapshot
	features        []model.Feature
	definition      model.Definition
	horizonDays     int
	labelDefinition string
	quality         *model.ScoringQuality
}

// Publish implements model.ScoreStore. A score's sequence moves also for a
// customer that the snapshot before does not hold. Numbers are unique and
// follow the customers' ids within a snapshot. Every change and the row that
// makes the run current stand in one transaction.
func (s *Store) Publish(ctx context.Context, number int64, at time.Time) (model.Snapshot, error) {
	var p published
	err := s.write(ctx, func(tx *sql.Tx) (err error) {
		var found bool
		if p, found, err = s.publishedIn(ctx, tx, number, time.Time{}); err != nil || found {
			return err
		}
		if err := s.mustExist(ctx, tx, number); err != nil {
			return err
		}
		_, err = run(ctx, tx, s.queries.Script("scores/publish"),
			sql.Named("run", number), sql.Named("published_at", at.UTC()))
		if err != nil {
			return err
		}
		p, _, err = s.publishedIn(ctx, tx, number, time.Time{})
		return err
	})
	if err != nil {
		return model.Snapshot{}, fmt.Errorf("publish run %d: %w", number, err)
	}
	return p.Snapshot, nil
}

// Snapshot implements model.ScoreStore.
func (s *Store) Snapshot(ctx context.Context) (model.Snapshot, error) {
	var p published
	err := s.read(ctx, func(tx *sql.Tx) (err error) {
		p, err = s.current(ctx, tx)
		return err
	})
	if err != nil {
		return model.Snapshot{}, fmt.Errorf("read snapshot: %w", err)
	}
	return p.Snapshot, nil
}

// SnapshotAt implements model.ScoreStore.
func (s *Store) SnapshotAt(ctx context.Context, asOf time.Time) (model.Snapshot, error) {
	var p published
	err := s.read(ctx, func(tx *sql.Tx) (err error) {
		p, err = s.currentAt(ctx, tx, asOf)
		return err
	})
	if err != nil {
		return model.Snapshot{}, fmt.Errorf("read snapshot: %w", err)
	}
	return p.Snapshot, nil
}

// Discard implements model.ScoreStore. A published run is KindConflict, an
// unknown one KindNotFound.
func (s *Store) Discard(ctx context.Context, number int64) error {
	err := s.write(ctx, func(tx *sql.Tx) error {
		if _, found, err := s.publishedIn(ctx, tx, number, time.Time{}); err != nil {
			return err
		} else if found {
			return model.Errorf(model.KindConflict, "it is published")
		}
		if err := s.mustExist(ctx, tx, number); err != nil {
			return err
		}
		_, err := run(ctx, tx, s.queries.Script("scores/discard"), sql.Named("run", number))
		return err
	})
	if err != nil {
		return fmt.Errorf("discard run %d: %w", number, err)
	}
	return nil
}

// sweep removes runs that were never published. Nobody can publish them any
// more when a file has just been opened: it has one owner at a time.
func (s *Store) sweep(ctx context.Context) error {
	return s.write(ctx, func(tx *sql.Tx) error {
		_, err := run(ctx, tx, s.queries.Script("scores/sweep"))
		return err
	})
}

// mustExist returns KindNotFound for an unknown run.
func (s *Store) mustExist(ctx context.Context, tx *sql.Tx, number int64) error {
	var n int
	if _, err := one(ctx, tx, s.queries.Script("scores/run_exists"), []any{&n}, sql.Named("run", number)); err != nil {
		return err
	}
	if n == 0 {
		return model.Errorf(model.KindNotFound, "there is no such run")
	}
	return nil
}

// current returns the current snapshot, KindNoData when there is none.
func (s *Store) current(ctx context.Context, tx *sql.Tx) (published, error) {
	p, found, err := s.publishedIn(ctx, tx, 0, time.Time{})
	if err == nil && !found {
		err = model.Errorf(model.KindNoData, "no scores were published yet: %s",
			model.Way{Command: "run `churnwatch score`", Service: "POST /v1/scores:run publishes them"})
	}
	return p, err
}

// currentAt returns the newest snapshot as of an instant, the current one for a
// zero instant, KindNoData when there is none.
func (s *Store) currentAt(ctx context.Context, tx *sql.Tx, at time.Time) (published, error) {
	if at.IsZero() {
		return s.current(ctx, tx)
	}
	p, found, err := s.publishedIn(ctx, tx, 0, at)
	if err == nil && !found {
		err = model.Errorf(model.KindNoData,
			"no scores as of %s or before were published: %s",
			at.UTC().Format(time.RFC3339), model.Way{
				Command: "explain CUSTOMER --as-of says what would have been said, score --as-of publishes it",
				Service: "GET /v1/customers/{id}/explanation?as_of= says what would have been said, POST /v1/scores:run with as_of publishes it",
			})
	}
	return p, err
}

// publishedRun returns the publication of a run, with 0 the current one.
func (s *Store) publishedRun(ctx context.Context, tx *sql.Tx, run int64) (published, error) {
	if run == 0 {
		return s.current(ctx, tx)
	}
	p, found, err := s.publishedIn(ctx, tx, run, time.Time{})
	if err == nil && !found {
		err = model.Errorf(model.KindNotFound, "no run %d was published", run)
	}
	return p, err
}

// publishedIn returns the publication of a run, or with 0 the current one, as
// of an instant where that is set, and whether there is one.
func (s *Store) publishedIn(ctx context.Context, tx *sql.Tx, number int64, at time.Time) (published, bool, error) {
	script, err := s.queries.Render("scores/snapshot", struct {
		Run int64
		At  bool
	}{number, !at.IsZero()})
	if err != nil {
		return published{}, false, err
	}
	var p published
	var summary, features string
	var quality sql.NullString
	var horizon, lookback int64
	found, err := one(ctx, tx, script, []any{
		&p.Run, &p.Model, &p.AsOf, &p.ScoredAt, &p.PublishedAt, &p.Sequence, &summary, &features,
		&p.definition.Kind, &horizon, &lookback, &p.horizonDays, &p.labelDefinition, &quality,
	}, sql.Named("run", number), sql.Named("at", at.UTC()))
	if err != nil || !found {
		return published{}, false, err
	}
	p.definition.Horizon = time.Duration(horizon) * time.Microsecond
	p.definition.Lookback = time.Duration(lookback) * time.Microsecond
	if err := json.Unmarshal([]byte(summary), &p.Summary); err != nil {
		return published{}, false, fmt.Errorf("summary of run %d: %w", p.Run, err)
	}
	if err := json.Unmarshal([]byte(features), &p.features); err != nil {
		return published{}, false, fmt.Errorf("features of run %d: %w", p.Run, err)
	}
	p.Summary.Run = p.Run
	if p.quality, err = qualityIn(quality); err != nil {
		return published{}, false, fmt.Errorf("run %d: %w", p.Run, err)
	}
	return p, true, nil
}
