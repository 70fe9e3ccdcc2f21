package duckdb

import (
	"context"
	"database/sql"
)

// ReadBareOrders reads a file of orders with the engine's own typed CSV reader
// into a bare table of its own and returns the number of rows: the baseline
// that imports are measured against. The file needs the columns order_id,
// customer_id, ordered_at, amount, currency, channel, promised_at and
// delivered_at, and must be among Options.AllowedFiles or in the spool.
func (s *Store) ReadBareOrders(ctx context.Context, path string) (rows int64, err error) {
	err = s.write(ctx, func(tx *sql.Tx) error {
		if _, err := run(ctx, tx, s.queries.Script("bench/bare_orders"), sql.Named("path", path)); err != nil {
			return err
		}
		_, err := one(ctx, tx, s.queries.Script("bench/count_bare_orders"), []any{&rows})
		return err
	})
	return rows, err
}
