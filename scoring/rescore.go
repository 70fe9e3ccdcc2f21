package scoring

import (
	"context"
	"log/slog"
	"time"
)

// RescoreReport is what Rescore did.
type RescoreReport struct {
	AsOf time.Time `json:"as_of"`
	// Customers is how many have a new score.
	Customers int64   `json:"customers"`
	Seconds   float64 `json:"seconds"`
}

// Rescore scores some customers anew as of an instant and puts their scores into
// the current snapshot. They are those that Score would publish as of the same
// instant with the snapshot's model: what is fitted on the shop is fitted as of
// that instant too. Who is not known then, or has neither order nor contract,
// has none.
func (s *Service) Rescore(ctx context.Context, customers []string, asOf time.Time) (RescoreReport, error) {
	began := s.clock()
	snapshot, err := s.warehouse.Snapshot(ctx)
	if err != nil {
		return RescoreReport{}, err
	}
	_, file, err := s.load(ctx, snapshot.Model)
	if err != nil {
		return RescoreReport{}, err
	}
	query, err := s.scoringQuery(ctx, snapshot.Model, file, asOf.UTC())
	if err != nil {
		return RescoreReport{}, err
	}
	query.Customers = customers
	done, err := s.warehouse.Amend(ctx, query)
	if err != nil {
		return RescoreReport{}, err
	}
	report := RescoreReport{AsOf: asOf.UTC(), Customers: done.Customers, Seconds: s.clock().Sub(began).Seconds()}
	s.log.LogAttrs(ctx, slog.LevelDebug, "rescored", slog.Int64("customers", report.Customers), slog.Float64("seconds", report.Seconds))
	return report, nil
}
