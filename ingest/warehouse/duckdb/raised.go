package duckdb

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/churnwatch/churnwatch/model"
)

// Raised returns the customers who complained of a theme, in the order of their
// ids. It knows the remarks that were read.
func (s *Store) Raised(ctx context.Context, q model.RaisedQuery) ([]model.Raised, error) {
	out := []model.Raised{}
	err := s.read(ctx, func(tx *sql.Tx) error {
		return each(ctx, tx, s.queries.Script("boards/raised"), func(scan func(...any) error) error {
			var r model.Raised
			err := scan(&r.CustomerID, &r.Times, &r.LastAt, &r.Kind, &r.ID, &r.Again)
			r.LastAt = r.LastAt.UTC()
			out = append(out, r)
			return err
		}, sql.Named("as_of", q.AsOf.UTC()), sql.Named("from", q.From.UTC()), sql.Named("since", q.Since.UTC()), sql.Named("theme", q.Theme))
	})
	if err != nil {
		return nil, fmt.Errorf("who complained of %s: %w", q.Theme, err)
	}
	return out, nil
}
