package duckdb

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/churnwatch/churnwatch/model"
)

// Departures implements model.FeatureReader.
func (s *Store) Departures(ctx context.Context, asOf time.Time) (out []model.Departure, err error) {
	err = s.read(ctx, func(tx *sql.Tx) error {
		out = []model.Departure{}
		return each(ctx, tx, s.queries.Script("features/departures"), func(scan func(...any) error) error {
			var d model.Departure
			err := scan(&d.Customer, &d.At)
			d.At = d.At.UTC()
			out = append(out, d)
			return err
		}, sql.Named("as_of", asOf.UTC()))
	})
	if err != nil {
		return nil, fmt.Errorf("departures before %s: %w", asOf.UTC().Format(time.DateOnly), err)
	}
	return out, nil
}
