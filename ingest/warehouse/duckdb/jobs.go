package duckdb

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"

	"github.com/churnwatch/churnwatch/model"
)

// SaveJob implements model.Ledger.
func (s *Store) SaveJob(ctx context.Context, o model.Job) error {
	err := s.writeReserved(ctx, func(tx *sql.Tx) error { return s.saveJob(ctx, tx, o) })
	if err != nil {
		return fmt.Errorf("save job: %w", err)
	}
	return nil
}

// saveJob stores one within a transaction.
func (s *Store) saveJob(ctx context.Context, tx *sql.Tx, o model.Job) error {
	steps, err := json.Marshal(o.Steps)
	if err != nil {
		return err
	}
	var result, code *string
	if o.Result != nil {
		text := string(o.Result)
		result = &text
	}
	if o.Code != nil {
		text := string(*o.Code)
		code = &text
	}
	var ended sql.NullTime
	if o.EndedAt != nil {
		ended = sql.NullTime{Time: o.EndedAt.UTC(), Valid: true}
	}
	_, err = run(ctx, tx, s.queries.Script("ledger/save_job"),
		sql.Named("operation_id", o.ID), sql.Named("kind", o.Kind), sql.Named("status", string(o.Status)), sql.Named("steps", string(steps)),
		sql.Named("started_at", o.StartedAt.UTC()), sql.Named("ended_at", ended), sql.Named("code", code),
		sql.Named("error", o.Error), sql.Named("result", result),
		sql.Named("import", model.JobImport), sql.Named("before", o.StartedAt.Add(-model.JobsKept).UTC()))
	return err
}

// Job implements model.Ledger.
func (s *Store) Job(ctx context.Context, id string) (model.Job, error) {
	found, err := s.jobs(ctx, id, 1)
	if err == nil && (len(found) == 0 || id == "") {
		err = model.Errorf(model.KindNotFound, "there is no such operation")
	}
	if err != nil {
		return model.Job{}, fmt.Errorf("job: %w", err)
	}
	return found[0], nil
}

// Jobs implements model.Ledger.
func (s *Store) Jobs(ctx context.Context, most int) ([]model.Job, error) {
	found, err := s.jobs(ctx, "", most)
	if err != nil {
		return nil, fmt.Errorf("list jobs: %w", err)
	}
	return found, nil
}

func (s *Store) jobs(ctx context.Context, id string, most int) ([]model.Job, error) {
	found := []model.Job{}
	return found, s.read(ctx, func(tx *sql.Tx) error {
		return each(ctx, tx, s.queries.Script("ledger/jobs"), func(scan func(...any) error) error {
			var o model.Job
			var steps string
			var code, result *string
			if err := scan(&o.ID, &o.Kind, &o.Status, &steps, &o.StartedAt, &o.EndedAt, &code, &o.Error, &result); err != nil {
				return err
			}
			o.StartedAt = o.StartedAt.UTC()
			if o.EndedAt != nil {
				ended := o.EndedAt.UTC()
				o.EndedAt = &ended
			}
			if code != nil {
				kind := model.ErrorKind(*code)
				o.Code = &kind
			}
			if result != nil {
				o.Result = json.RawMessage(*result)
			}
			if err := json.Unmarshal([]byte(steps), &o.Steps); err != nil {
				return fmt.Errorf("steps: %w", err)
			}
			found = append(found, o)
			return nil
		}, sql.Named("operation_id", id), sql.Named("most", most))
	})
}
