package duckdb

import (
	"context"
	"database/sql"
	"fmt"
	"time"

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

// Complaints counts what was complained of in [from, asOf), by theme. It knows
// the remarks that were read.
func (s *Store) Complaints(ctx context.Context, from, asOf time.Time) (model.ComplaintCounts, error) {
	out := model.ComplaintCounts{Themes: []model.ThemeCount{}}
	err := s.read(ctx, func(tx *sql.Tx) error {
		return each(ctx, tx, s.queries.Script("boards/complaints"), func(scan func(...any) error) error {
			var c model.ThemeCount
			err := scan(&c.Theme, &c.Complaints, &c.Severe, &out.Comments)
			if c.Theme != "" {
				out.Themes = append(out.Themes, c)
			}
			return err
		}, sql.Named("from", from.UTC()), sql.Named("as_of", asOf.UTC()))
	})
	if err != nil {
		return out, fmt.Errorf("complaints before %s: %w", asOf.UTC().Format(time.DateOnly), err)
	}
	return out, nil
}
