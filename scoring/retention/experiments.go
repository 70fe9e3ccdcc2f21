package retention

import (
	"context"
	"time"

	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/scoring/retention/decide"
	"github.com/churnwatch/churnwatch/scoring/retention/proof"
)

// Experiments says what the holdout and the playbooks' experiments have proven
// as of an instant; zero is now.
func (s *Service) Experiments(ctx context.Context, asOf time.Time) (model.ExperimentReport, error) {
	designs, cells, query, err := s.experiments(ctx, asOf)
	if err != nil {
		return model.ExperimentReport{}, err
	}
	return proof.Report(designs, cells, query, s.settings.LeastEffect)
}

// MeasuredEffect returns by how much retention has reduced churn, by the holdout
// as of an instant, zero being now. False says that it is not measured yet: too
// few customers of either arm have a known outcome, or the arms did not get
// their shares. What is measured need not be proven to differ from nothing: the
// interval tells.
func (s *Service) MeasuredEffect(ctx context.Context, asOf time.Time) (model.MeasuredEffect, bool, error) {
	designs, cells, query, err := s.experiments(ctx, asOf)
	if err != nil {
		return model.MeasuredEffect{}, false, err
	}
	return proof.Effect(designs, cells, query, s.settings.LeastEffect)
}

// experiments reads what is known as of an instant.
func (s *Service) experiments(ctx context.Context, asOf time.Time) ([]model.ExperimentDesign, model.ExperimentCells, model.ExperimentQuery, error) {
	if asOf.IsZero() {
		var err error
		if asOf, err = s.Now(ctx); err != nil {
			return nil, model.ExperimentCells{}, model.ExperimentQuery{}, err
		}
	}
	query := proof.Query(asOf.UTC().Truncate(time.Microsecond), s.settings.Definition, decide.Randomised())
	designs, err := s.store.ExperimentDesigns(ctx, query.AsOf)
	if err != nil {
		return nil, model.ExperimentCells{}, query, err
	}
	cells, err := s.store.ExperimentCells(ctx, query)
	return designs, cells, query, err
}
