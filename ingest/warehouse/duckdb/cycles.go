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
	targets := make([]any, 0, 51)
	targets = append(targets, &c.Customer)
	for i := range c.Orders {
		targets = append(targets, &c.Orders[i])
	}
	targets = append(targets, &c.Present)
	var means, variances [3]sql.NullFloat64
	for i := range c.AnswerCount {
		targets = append(targets, &c.AnswerCount[i], &means[i], &variances[i])
	}
	var first, last sql.NullTime
	var gap, gapVariance sql.NullFloat64
	targets = append(targets, &c.AnswerLevel, &first, &last, &gap, &gapVariance)
	var ages [2][4]sql.NullFloat64
	for i := range ages {
		targets = append(targets, &c.Days[i].Count, &ages[i][0], &ages[i][1], &ages[i][2], &ages[i][3])
	}
	targets = append(targets, &c.WaveCount[0], &c.WaveCount[1], &c.WaveCount[2])
	var waves [3]sql.NullFloat64
	var waveAges [2]sql.NullFloat64
	targets = append(targets, &waves[0], &waves[1], &waves[2], &waveAges[0], &waveAges[1])
	for i := range c.Orders60d {
		targets = append(targets, &c.Orders60d[i], &c.Spend60d[i])
	}
	var share sql.NullFloat64
	targets = append(targets, &c.Churned, &c.Treatment.Touched, &c.Treatment.Wanted, &share)
	if err := scan(targets...); err != nil {
		return model.Cycles{}, err
	}
	c.Treatment.HoldoutShare = share.Float64
	for i := range means {
		c.AnswerMean[i], c.AnswerVariance[i] = orNaN(means[i]), orNaN(variances[i])
	}
	for i := range waves {
		c.WaveMean[i] = orNaN(waves[i])
	}
	for i := range waveAges {
		c.WaveAge[i] = orNaN(waveAges[i])
	}
	for i, a := range ages {
		d := &c.Days[i]
		d.First, d.Third, d.Second, d.Last = orNaN(a[0]), orNaN(a[1]), orNaN(a[2]), orNaN(a[3])
	}
	if last.Valid {
		c.FirstOrder, c.LastOrder = first.Time.UTC(), last.Time.UTC()
	}
	c.UsualGapDays, c.GapVariance = orNaN(gap), orNaN(gapVariance)
	return c, nil
}
