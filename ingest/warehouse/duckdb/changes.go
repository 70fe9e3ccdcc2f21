package duckdb

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/churnwatch/churnwatch/model"
)

// Changes implements model.FactReader.
func (s *Store) Changes(ctx context.Context, customer string, since, until time.Time) (facts, corrections []model.Evidence, err error) {
	facts, corrections = []model.Evidence{}, []model.Evidence{}
	err = s.read(ctx, func(tx *sql.Tx) error {
		return each(ctx, tx, s.queries.Script("features/changes"), func(scan func(...any) error) error {
			var e model.Evidence
			var correction bool
			var known time.Time
			if err := scan(&correction, &e.What, &e.At, &e.OrderID, &e.TicketID, &e.Value, &known, &e.File, &e.Line); err != nil {
				return err
			}
			known = known.UTC()
			e.At, e.KnownAt = e.At.UTC(), &known
			if correction {
				corrections = append(corrections, e)
			} else {
				facts = append(facts, e)
			}
			return nil
		}, sql.Named("customer", customer), sql.Named("since", since.UTC()), sql.Named("until", until.UTC()))
	})
	if err != nil {
		return nil, nil, fmt.Errorf("changes: %w", err)
	}
	return facts, corrections, nil
}
