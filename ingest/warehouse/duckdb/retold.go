package duckdb

import (
	"context"
	"database/sql"
	"encoding/json"
	"slices"
	"time"

	"github.com/churnwatch/churnwatch/model"
)

// unheardGap is how far the numbers of a feed jump in a database that can't know
// what its readers heard: the one that told them is gone.
const unheardGap = 1_000_000_000

// tellAnew numbers what a restored database says behind all that readers have
// heard, so that they come to what it holds.
func (s *Store) tellAnew(ctx context.Context, tx *sql.Tx, c carried, at time.Time) error {
	newest, err := s.adoptMarks(ctx, tx, c.marks)
	if err != nil {
		return err
	}
	if c.marks[model.FeedErasures] > 0 {
		if err := s.adoptErasures(ctx, tx, c.erasures, c.marks[model.FeedErasures]); err != nil {
			return err
		}
	}
	_, err = run(ctx, tx, s.queries.Script("people/tell_scores"), sql.Named("newest", uint64(newest[model.FeedScores])), sql.Named("at", at))
	if err != nil {
		return err
	}
	return s.tellTriggers(ctx, tx, c.triggers, newest[model.FeedTriggers], at)
}

// marksIn are the highest numbers that the feeds ever had.
func (s *Store) marksIn(ctx context.Context, tx *sql.Tx) (map[model.Feed]model.Sequence, error) {
	var triggers, scores, erasures uint64
	_, err := one(ctx, tx, s.queries.Script("people/marks"), []any{&triggers, &scores, &erasures})
	return map[model.Feed]model.Sequence{
		model.FeedTriggers: model.Sequence(triggers), model.FeedScores: model.Sequence(scores), model.FeedErasures: model.Sequence(erasures),
	}, err
}

// adoptMarks numbers what changes from now on behind what readers have heard of
// already, and returns the newest numbers by then.
func (s *Store) adoptMarks(ctx context.Context, tx *sql.Tx, marks map[model.Feed]model.Sequence) (map[model.Feed]model.Sequence, error) {
	own, err := s.marksIn(ctx, tx)
	if err != nil {
		return nil, err
	}
	for _, feed := range model.Feeds() {
		mark := marks[feed]
		if mark == 0 && own[feed] > 0 {
			mark = own[feed] + unheardGap
		}
		_, err := run(ctx, tx, s.queries.Script("people/save_mark"), sql.Named("feed", string(feed)), sql.Named("sequence", uint64(mark)))
		if err != nil {
			return nil, err
		}
	}
	return s.marksIn(ctx, tx)
}

// erasedRow is a row of erased as people/adopt_erased reads it.
type erasedRow struct {
	What     string `json:"what"`
	Hash     string `json:"hash"`
	At       int64  `json:"erased_at"`
	Sequence *int64 `json:"sequence"`
}

// adoptErasures keeps those out who were erased, whether the backup knew them or
// not, under the numbers that they had.
func (s *Store) adoptErasures(ctx context.Context, tx *sql.Tx, erasures []erasure, newest model.Sequence) error {
	rows := make([]erasedRow, len(erasures))
	for i, e := range erasures {
		rows[i] = erasedRow{What: e.what, Hash: e.hash, At: e.at.UnixMicro()}
		if e.sequence.Valid {
			rows[i].Sequence = &e.sequence.Int64
		}
	}
	text, err := json.Marshal(rows)
	if err != nil {
		return err
	}
	_, err = run(ctx, tx, s.queries.Script("people/adopt_erased"), sql.Named("rows", string(text)), sql.Named("newest", uint64(newest)))
	return err
}

// heardTriggers returns the triggers that changed after a backup of this
// database was made; all where it is one of another database.
func (s *Store) heardTriggers(ctx context.Context, backup *Store, secret string) ([]model.Trigger, error) {
	var since model.Sequence
	err := backup.read(ctx, func(tx *sql.Tx) error {
		var own string
		if _, err := one(ctx, tx, s.queries.Script("ledger/secret"), []any{&own}, sql.Named("name", subjectSecret)); err != nil || own != secret {
			return err
		}
		var err error
		since, err = backup.triggerSequence(ctx, tx)
		return err
	})
	if err != nil {
		return nil, err
	}
	return s.Triggers(ctx, model.TriggerQuery{UpdatedSince: since, Statuses: model.TriggerStatuses()[1:]})
}

// tellTriggers tells of live triggers as they stand here, and withdraws those
// that readers know and the backup does not.
func (s *Store) tellTriggers(ctx context.Context, tx *sql.Tx, heard []model.Trigger, newest model.Sequence, at time.Time) error {
	erased, err := s.erasedSubjects(ctx, tx)
	if err != nil {
		return err
	}
	heard = slices.DeleteFunc(heard, func(t model.Trigger) bool { return erased.holds(t.CustomerID) })
	known := make([]lifeRow, len(heard))
	for i := range heard {
		known[i] = lifeRow{TriggerID: heard[i].ID, Status: string(heard[i].Status)}
	}
	text, err := json.Marshal(known)
	if err != nil {
		return err
	}
	rows, err := triggerRows(heard)
	if err != nil {
		return err
	}
	if len(heard) > 0 {
		if _, err := run(ctx, tx, s.queries.Script("retention/save_triggers"), sql.Named("rows", rows), sql.Named("run", 0)); err != nil {
			return err
		}
	}
	_, err = run(ctx, tx, s.queries.Script("people/tell_triggers"), sql.Named("heard", string(text)),
		sql.Named("withdrawn", model.TriggerWithdrawn), sql.Named("newest", uint64(newest)), sql.Named("at", at))
	return err
}

// undeliveredOf returns what receivers did not take yet.
func (s *Store) undeliveredOf(ctx context.Context, receivers []model.Receiver) (out []model.Deliveries, err error) {
	for _, r := range receivers {
		d := model.Deliveries{ReceiverID: r.ID}
		if d.Undelivered, err = s.Undelivered(ctx, model.UndeliveredQuery{Receiver: r.ID}); err != nil {
			return nil, err
		}
		out = append(out, d)
	}
	return out, nil
}
