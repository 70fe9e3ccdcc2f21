package duckdb

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// CohortIncidents is what a cohort met with of a pain point.
type CohortIncidents struct {
	Dimension, Cohort, PainPoint string
	Incidents, Customers         int64
}

// CohortIncidents counts, by the cohorts that Cohorts tells apart of the
// published snapshot, the incidents of each pain point in the window before its
// instant, as known then, and the customers who met with them. Rows come in the
// order of the dimensions, then by cohort and pain point.
func (s *Store) CohortIncidents(ctx context.Context, dimensions []string, most int, window time.Duration) (rows []CohortIncidents, err error) {
	if err := checkCohorts(dimensions, most); err != nil {
		return nil, fmt.Errorf("incidents by cohort: %w", err)
	}
	err = s.read(ctx, func(tx *sql.Tx) error {
		rows = nil
		p, err := s.publishedRun(ctx, tx, 0)
		if err != nil || len(dimensions) == 0 {
			return err
		}
		script, err := s.queries.Render("scores/cohort_incidents", cohortViewOf(p, dimensions))
		if err != nil {
			return err
		}
		return each(ctx, tx, script, func(scan func(...any) error) error {
			var r CohortIncidents
			var position int
			err := scan(&position, &r.Cohort, &r.PainPoint, &r.Incidents, &r.Customers)
			r.Dimension = dimensions[position]
			rows = append(rows, r)
			return err
		}, sql.Named("run", p.Run), sql.Named("most", most), sql.Named("as_of", p.AsOf), sql.Named("since", p.AsOf.Add(-window)))
	})
	if err != nil {
		return nil, fmt.Errorf("incidents by cohort: %w", err)
	}
	return rows, nil
}
