package duckdb

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/churnwatch/churnwatch/model"
)

var _ model.TimelineReader = (*Store)(nil)

// Timeline implements model.TimelineReader.
func (s *Store) Timeline(ctx context.Context, q model.TimelineQuery) ([]model.TimelineEntry, error) {
	script, err := s.queries.Render("timeline/customer", q)
	if err != nil {
		return nil, err
	}
	var after model.TimelineCursor
	if q.After != nil {
		after = *q.After
	}
	kinds := make([]string, len(q.Kinds))
	for i, k := range q.Kinds {
		kinds[i] = string(k)
	}
	entries := []model.TimelineEntry{}
	err = s.read(ctx, func(tx *sql.Tx) error {
		return each(ctx, tx, script, func(scan func(...any) error) error {
			var e model.TimelineEntry
			err := scan(&e.At, &e.KnownAt, &e.Kind, &e.What, &e.ID, &e.OrderID, &e.TicketID, &e.TriggerID, &e.Value, &e.Channel, &e.Text)
			e.At, e.KnownAt = e.At.UTC(), e.KnownAt.UTC()
			entries = append(entries, e)
			return err
		}, sql.Named("customer", q.Customer), sql.Named("as_of", q.AsOf.UTC()), sql.Named("kinds", kinds),
			sql.Named("after_at", after.At.UTC()), sql.Named("after_kind", string(after.Kind)),
			sql.Named("after_what", after.What), sql.Named("after_id", after.ID))
	})
	if err != nil {
		return nil, fmt.Errorf("timeline: %w", err)
	}
	return entries, nil
}
