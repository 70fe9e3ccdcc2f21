package duckdb

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/churnwatch/churnwatch/model"
)

// recentOrders and earlierOrders are the spans whose median orders are
// compared.
const (
	recentOrders  = 28 * model.Day
	earlierOrders = 364 * model.Day
)

// Quality implements model.QualityReader: every count is of what was known
// before asOf.
func (s *Store) Quality(ctx context.Context, asOf time.Time) (model.QualityFacts, error) {
	at := asOf.UTC()
	facts := model.QualityFacts{AsOf: at}
	err := s.read(ctx, func(tx *sql.Tx) error {
		facts = model.QualityFacts{AsOf: at}
		if err := s.days(ctx, tx, &facts); err != nil {
			return err
		}
		for _, part := range []struct {
			script string
			into   *[]model.OddCount
			fields func(c *model.OddCount) []any
		}{
			{"quality/references", &facts.References, func(c *model.OddCount) []any { return []any{&c.Name, &c.Kind, &c.Total, &c.Odd} }},
			{"quality/duplicates", &facts.Duplicates, func(c *model.OddCount) []any { return []any{&c.Kind, &c.Total, &c.Odd} }},
			{"quality/values", &facts.Values, func(c *model.OddCount) []any { return []any{&c.Name, &c.Kind, &c.Subject, &c.Total, &c.Odd} }},
		} {
			err := each(ctx, tx, s.queries.Script(part.script), func(scan func(...any) error) error {
				var c model.OddCount
				err := scan(part.fields(&c)...)
				*part.into = append(*part.into, c)
				return err
			}, sql.Named("as_of", at))
			if err != nil {
				return err
			}
		}
		return s.scale(ctx, tx, &facts)
	})
	if err != nil {
		return model.QualityFacts{}, fmt.Errorf("data quality: %w", err)
	}
	return facts, nil
}

func (s *Store) days(ctx context.Context, tx *sql.Tx, facts *model.QualityFacts) error {
	return each(ctx, tx, s.queries.Script("quality/daily"), func(scan func(...any) error) error {
		var d model.DayCount
		err := scan(&d.Kind, &d.Day, &d.Facts, &d.Counting)
		d.Day = d.Day.UTC()
		facts.Days = append(facts.Days, d)
		return err
	}, sql.Named("as_of", facts.AsOf))
}

func (s *Store) scale(ctx context.Context, tx *sql.Tx, facts *model.QualityFacts) error {
	var recent, earlier sql.NullFloat64
	since := facts.AsOf.Add(-recentOrders)
	_, err := one(ctx, tx, s.queries.Script("quality/scale"),
		[]any{&facts.Scale.Recent, &recent, &facts.Scale.Earlier, &earlier},
		sql.Named("as_of", facts.AsOf), sql.Named("since", since), sql.Named("from", since.Add(-earlierOrders)))
	facts.Scale.RecentAmount, facts.Scale.EarlierAmount = recent.Float64, earlier.Float64
	return err
}

// Refusals implements model.QualityReader.
func (s *Store) Refusals(ctx context.Context, least int64) (refusals []model.RefusedShare, err error) {
	err = s.read(ctx, func(tx *sql.Tx) error {
		refusals = nil
		return each(ctx, tx, s.queries.Script("quality/refusals"), func(scan func(...any) error) error {
			var r model.RefusedShare
			err := scan(&r.Kind, &r.Read, &r.Refused, &r.Newest, &r.NewestLoads, &r.NewestRead, &r.NewestRefused, &r.FrequentReason)
			refusals = append(refusals, r)
			return err
		}, sql.Named("least", least))
	})
	if err != nil {
		return nil, fmt.Errorf("refusals: %w", err)
	}
	return refusals, nil
}
