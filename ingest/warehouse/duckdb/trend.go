package duckdb

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"

	"github.com/churnwatch/churnwatch/model"
)

// Trend returns the newest days that scores were published as of, at most so
// many and not after the current snapshot's, each with the last snapshot of it;
// oldest first. It is empty where none was published. Of a snapshot only Model,
// AsOf and Summary are given.
func (s *Store) Trend(ctx context.Context, most int) (days []model.Snapshot, err error) {
	err = s.read(ctx, func(tx *sql.Tx) error {
		days = nil
		return each(ctx, tx, s.queries.Script("scores/trend"), func(scan func(...any) error) error {
			var day model.Snapshot
			var summary string
			if err := scan(&day.Model, &day.AsOf, &summary); err != nil {
				return err
			}
			day.AsOf = day.AsOf.UTC()
			days = append(days, day)
			return json.Unmarshal([]byte(summary), &days[len(days)-1].Summary)
		}, sql.Named("most", most))
	})
	if err != nil {
		return nil, fmt.Errorf("trend of scores: %w", err)
	}
	return days, nil
}
