package duckdb

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/churnwatch/churnwatch/model"
)

// RetentionMonth is a month in which customers came, and how many of them were
// there Age months later: bought in that month, or, by contracts, still had one
// at its end. Age 0 is the month itself, given where no later one is over yet;
// Retained is then Customers.
type RetentionMonth struct {
	Month               time.Time
	Customers, Retained int64
	Age                 int
}

// RetentionMonths returns, as known at asOf, the newest months in which
// customers came and that are over, at most so many, with each later month
// that is over, at most so many; older first. all counts the months there are.
//
// A customer comes with his first order that counts, or his first contract, that
// is known: whoever was there before the data begin seems to come with them.
func (s *Store) RetentionMonths(ctx context.Context, asOf time.Time, kind model.DefinitionKind, most int) (rows []RetentionMonth, all int, err error) {
	script, err := s.queries.Render("scores/retention", struct{ Cancellation bool }{kind == model.Cancellation})
	if err != nil {
		return nil, 0, model.Wrap(model.KindInternal, "retention by month", err)
	}
	err = s.read(ctx, func(tx *sql.Tx) error {
		rows, all = nil, 0
		return each(ctx, tx, script, func(scan func(...any) error) error {
			var r RetentionMonth
			err := scan(&r.Month, &r.Customers, &r.Age, &r.Retained, &all)
			r.Month = r.Month.UTC()
			rows = append(rows, r)
			return err
		}, sql.Named("as_of", asOf.UTC()), sql.Named("most", most))
	})
	if err != nil {
		return nil, 0, fmt.Errorf("retention by month: %w", err)
	}
	return rows, all, nil
}
