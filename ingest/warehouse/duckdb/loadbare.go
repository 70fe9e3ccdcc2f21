package duckdb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// BareOrders reads a CSV file of generated orders with DuckDB's own typed
// reader into a bare table of the same file, commits it, drops it, and returns
// the rows. It is what an import is compared with.
func (s *Store) BareOrders(ctx context.Context, path string) (int64, error) {
	script, err := s.queries.Render("load/bare", struct{ Path string }{path})
	if err != nil {
		return 0, err
	}
	var rows int64
	err = s.write(ctx, func(tx *sql.Tx) error {
		rows, err = run(ctx, tx, script)
		return err
	})
	drop := s.write(ctx, func(tx *sql.Tx) error {
		_, err := run(ctx, tx, s.queries.Script("load/bare_drop"))
		return err
	})
	if err := errors.Join(err, drop); err != nil {
		return 0, fmt.Errorf("bare orders: %w", err)
	}
	return rows, nil
}
