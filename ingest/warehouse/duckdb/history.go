package duckdb

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"github.com/churnwatch/churnwatch/model"
)

// Watermark returns the start of the day (UTC) of the newest order known, and
// KindNoData when there is no order.
func (s *Store) Watermark(ctx context.Context) (time.Time, error) {
	var day sql.NullTime
	err := s.read(ctx, func(tx *sql.Tx) error {
		_, err := one(ctx, tx, s.queries.Script("features/watermark"), []any{&day})
		return err
	})
	switch {
	case err != nil:
		return time.Time{}, fmt.Errorf("watermark: %w", err)
	case !day.Valid:
		return time.Time{}, model.Errorf(model.KindNoData, "no orders yet: import some first")
	}
	return day.Time.UTC(), nil
}

// History summarises what is known before asOf: every kind, in the order of
// model.FactKinds, with zero times where nothing is dated.
func (s *Store) History(ctx context.Context, asOf time.Time) (model.History, error) {
	h := model.History{AsOf: asOf.UTC()}
	err := s.read(ctx, func(tx *sql.Tx) error {
		return each(ctx, tx, s.queries.Script("features/history"), func(scan func(...any) error) error {
			var k model.KindHistory
			var first, last sql.NullTime
			if err := scan(&k.Kind, &k.Rows, &k.Customers, &first, &last); err != nil {
				return err
			}
			if first.Valid && last.Valid {
				k.First, k.Last = first.Time.UTC(), last.Time.UTC()
			}
			h.Kinds = append(h.Kinds, k)
			return nil
		}, sql.Named("as_of", asOf.UTC()))
	})
	if err != nil {
		return model.History{}, fmt.Errorf("history: %w", err)
	}
	slices.SortFunc(h.Kinds, func(a, b model.KindHistory) int { return kindOrder(a.Kind) - kindOrder(b.Kind) })
	return h, nil
}

func kindOrder(k model.FactKind) int { return slices.Index(model.FactKinds(), k) }

// Known reports whether anything is known of the customer before asOf.
func (s *Store) Known(ctx context.Context, customer string, asOf time.Time) (bool, error) {
	known := false
	err := s.read(ctx, func(tx *sql.Tx) error {
		_, err := one(ctx, tx, s.queries.Script("features/known"), []any{&known},
			sql.Named("as_of", asOf.UTC()), sql.Named("customer", customer))
		return err
	})
	if err != nil {
		return false, fmt.Errorf("known customer: %w", err)
	}
	return known, nil
}
