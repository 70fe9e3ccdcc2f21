package duckdb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/churnwatch/churnwatch/ingest/warehouse"
	"github.com/churnwatch/churnwatch/model"
)

// querier is what statements run on: a transaction or the pool.
type querier interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// write runs fn in the one transaction that may write. It commits when fn
// returns nil and rolls everything back otherwise. After a statement's error
// fn must return: DuckDB has aborted the transaction, and a commit would
// silently roll back; a swallowed error is found before the commit and
// becomes an error of the call. A write inside of fn would wait for itself.
//
// A temporary table that fn leaves behind stays on a connection of the pool:
// fn drops it.
func (s *Store) write(ctx context.Context, fn func(tx *sql.Tx) error) error {
	err := s.writeBeside(ctx, fn)
	s.shown.everybody() // After an error too: what has become of a commit is not always known.
	return err
}

// writeBeside is write for what no answer of ScoreOf is made of: facts, keys,
// models, the audit log. What tells of some customers alone says so itself.
func (s *Store) writeBeside(ctx context.Context, fn func(tx *sql.Tx) error) error {
	return s.writeLeaving(ctx, s.keepFree, fn)
}

// writeReserved is writeBeside for what may use up most of the space that is kept
// free: small writes that protect people or note what happened.
func (s *Store) writeReserved(ctx context.Context, fn func(tx *sql.Tx) error) error {
	return s.writeLeaving(ctx, s.keepFree/leftOfReserve, fn)
}

// writeLeaving is writeBeside where so many bytes are free, before fn and after it.
func (s *Store) writeLeaving(ctx context.Context, free int64, fn func(tx *sql.Tx) error) error {
	select {
	case s.writing <- struct{}{}:
		defer func() { <-s.writing }()
	case <-ctx.Done():
		return ctx.Err()
	}
	if err := s.checkFree(free); err != nil {
		return err
	}
	return s.transact(ctx, func(tx *sql.Tx) error {
		if err := fn(tx); err != nil {
			return err
		}
		return s.commit(ctx, tx, free)
	})
}

// commit commits unless an error was swallowed before, or fewer bytes are free.
func (s *Store) commit(ctx context.Context, tx *sql.Tx, free int64) error {
	if _, err := run(ctx, tx, s.queries.Script("store/probe")); err != nil {
		return model.Wrap(model.KindInternal, "commit", errors.Join(errAborted, err))
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := s.checkFree(free); err != nil {
		return err
	}
	return tx.Commit()
}

// read runs fn on one snapshot of the database, which is taken at fn's first
// statement. What fn changes is rolled back.
func (s *Store) read(ctx context.Context, fn func(tx *sql.Tx) error) error {
	return s.transact(ctx, fn)
}

// transact runs fn in a transaction that is rolled back unless fn commits. The end
// of ctx interrupts fn's statements. The transaction itself ends here and not
// behind our back: one that goes on in another goroutine would keep the database
// from being closed.
func (s *Store) transact(ctx context.Context, fn func(tx *sql.Tx) error) (err error) {
	db, err := s.acquire(ctx)
	if err != nil {
		return err
	}
	defer func() { s.release(err) }()
	return s.transactOn(ctx, db, fn)
}

func (s *Store) transactOn(ctx context.Context, db *sql.DB, fn func(tx *sql.Tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	tx, err := db.BeginTx(context.WithoutCancel(ctx), nil)
	if err != nil {
		return kinded(err)
	}
	defer func() { _ = tx.Rollback() }() // It is done already after a commit.
	if err := fn(tx); err != nil {
		if ctx.Err() != nil { // What failed then failed for this reason.
			return ctx.Err()
		}
		return kinded(err)
	}
	return nil
}

// run executes a script and returns the rows that its last statement changed.
func run(ctx context.Context, q querier, script warehouse.Script, args ...sql.NamedArg) (int64, error) {
	var changed int64
	for _, statement := range script.Statements {
		bound, err := bind(statement, args)
		if err != nil {
			return 0, fmt.Errorf("%s: %w", script.Name, err)
		}
		result, err := q.ExecContext(ctx, statement.Text, bound...)
		if err != nil {
			return 0, fmt.Errorf("%s: %w", script.Name, err)
		}
		if changed, err = result.RowsAffected(); err != nil {
			return 0, fmt.Errorf("%s: %w", script.Name, err)
		}
	}
	return changed, nil
}

// each runs a script and calls row for each row of its last statement.
func each(ctx context.Context, q querier, script warehouse.Script, row func(scan func(...any) error) error, args ...sql.NamedArg) error {
	rows, err := open(ctx, q, script, args)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }() // rows.Err says what matters.
	for rows.Next() {
		if err := row(rows.Scan); err != nil {
			return fmt.Errorf("%s: %w", script.Name, err)
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("%s: %w", script.Name, err)
	}
	return nil
}

// one runs a script whose last statement gives at most one row, scans it into
// dest, and reports whether there was one.
func one(ctx context.Context, q querier, script warehouse.Script, dest []any, args ...sql.NamedArg) (bool, error) {
	found := false
	err := each(ctx, q, script, func(scan func(...any) error) error {
		if found {
			return errors.New("more than one row")
		}
		found = true
		return scan(dest...)
	}, args...)
	return found, err
}

// open runs all but the last statement and returns the last one's rows.
func open(ctx context.Context, q querier, script warehouse.Script, args []sql.NamedArg) (*sql.Rows, error) {
	final := len(script.Statements) - 1
	head := warehouse.Script{Name: script.Name, Statements: script.Statements[:final]}
	if _, err := run(ctx, q, head, args...); err != nil {
		return nil, err
	}
	bound, err := bind(script.Statements[final], args)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", script.Name, err)
	}
	rows, err := q.QueryContext(ctx, script.Statements[final].Text, bound...)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", script.Name, err)
	}
	return rows, nil
}

// bind picks the arguments that a statement names. The driver would fill a
// missing one by position, so a missing one is an error here.
func bind(s warehouse.Statement, args []sql.NamedArg) ([]any, error) {
	out := make([]any, 0, len(s.Parameters))
	for _, name := range s.Parameters {
		found := false
		for _, a := range args {
			if a.Name == name {
				out, found = append(out, a), true
				break
			}
		}
		if !found {
			return nil, fmt.Errorf("parameter $%s is not bound", name)
		}
	}
	return out, nil
}
