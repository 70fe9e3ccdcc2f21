package duckdb

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/churnwatch/churnwatch/model"
)

// Purchases returns the days with an order that counts of every customer, as
// known before q.AsOf, ordered by customer.
func (s *Store) Purchases(ctx context.Context, q model.PurchasesQuery) ([]model.PurchaseHistory, error) {
	script, err := s.queries.Render("features/purchases", struct {
		AsOf    time.Time
		MaxRows int
		Seed    string
	}{q.AsOf.UTC(), q.MaxRows, seedText(q.Seed)})
	if err != nil {
		return nil, model.Wrap(model.KindInternal, "purchases", err)
	}
	out := []model.PurchaseHistory{}
	err = s.read(ctx, func(tx *sql.Tx) error {
		return each(ctx, tx, script, func(scan func(...any) error) error {
			var h model.PurchaseHistory
			err := scan(&h.Repeats, &h.LastDays, &h.AgeDays, &h.Amount)
			out = append(out, h)
			return err
		})
	})
	if err != nil {
		return nil, fmt.Errorf("purchases before %s: %w", q.AsOf.UTC().Format("2006-01-02"), err)
	}
	return out, nil
}
