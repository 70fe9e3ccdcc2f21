package duckdb

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/churnwatch/churnwatch/model"
)

// Cycles returns the orders and answers in the eight cycles before q.AsOf of
// every eligible customer, ordered by id. Means without an answer, variances
// of fewer than two and gaps of fewer than two days with an order are NaN; a
// customer without an order (of the definition by cancellation) has the zero
// LastOrder.
func (s *Store) Cycles(ctx context.Context, q model.CyclesQuery) ([]model.Cycles, error) {
	view, err := cyclesViewOf(q)
	if err != nil {
		return nil, err
	}
	script, err := s.queries.Render("features/cycles", view)
	if err != nil {
		return nil, model.Wrap(model.KindInternal, "cycles", err)
	}
	out := []model.Cycles{}
	err = s.read(ctx, func(tx *sql.Tx) error {
		return each(ctx, tx, script, func(scan func(...any) error) error {
			c, err := scanCycles(scan)
			out = append(out, c)
			return err
		})
	})
	if err != nil {
		return nil, fmt.Errorf("cycles before %s: %w", q.AsOf.UTC().Format("2006-01-02"), err)
	}
	return out, nil
}

func scanCycles(scan func(...any) error) (model.Cycles, error) {
	var c model.Cycles
	targets := make([]any, 0, 24)
	targets = append(targets, &c.Customer)
	for i := range c.Orders {
		targets = append(targets, &c.Orders[i])
	}
	targets = append(targets, &c.Present)
	var means, variances [3]sql.NullFloat64
	for i := range c.AnswerCount {
		targets = append(targets, &c.AnswerCount[i], &means[i], &variances[i])
	}
	var last sql.NullTime
	var gap sql.NullFloat64
	targets = append(targets, &last, &gap, &c.Churned)
	if err := scan(targets...); err != nil {
		return model.Cycles{}, err
	}
	for i := range means {
		c.AnswerMean[i], c.AnswerVariance[i] = orNaN(means[i]), orNaN(variances[i])
	}
	if last.Valid {
		c.LastOrder = last.Time.UTC()
	}
	c.UsualGapDays = orNaN(gap)
	return c, nil
}
