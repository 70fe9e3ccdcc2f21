package duckdb

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/churnwatch/churnwatch/model"
)

// BareFeatures computes the features of q into a temporary table and drops it:
// the query that a scoring run is compared with.
func (s *Store) BareFeatures(ctx context.Context, q model.PanelQuery) error {
	view, err := viewOf(q)
	if err != nil {
		return err
	}
	script, err := s.queries.Render("features/bare", view)
	if err != nil {
		return model.Wrap(model.KindInternal, "bare features", err)
	}
	err = s.write(ctx, func(tx *sql.Tx) error {
		if _, err := run(ctx, tx, script, customerFilter(q.Customers)...); err != nil {
			return err
		}
		_, err := run(ctx, tx, s.queries.Script("features/bare_drop"))
		return err
	})
	if err != nil {
		return fmt.Errorf("bare features: %w", err)
	}
	return nil
}
