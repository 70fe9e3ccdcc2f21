package scoring

import (
	"context"

	"github.com/churnwatch/churnwatch/model"
)

// Scorecard returns the risk of a stored model as plain data, for those who
// score elsewhere; 0 is the active one. A model without a risk is a conflict.
func (s *Service) Scorecard(ctx context.Context, version int) (model.Scorecard, error) {
	stored, file, err := s.load(ctx, version)
	if err != nil {
		return model.Scorecard{}, err
	}
	if file.Risk.Predictor == nil {
		return model.Scorecard{}, model.Errorf(model.KindConflict, "model %d holds no risk: %v", stored.Version, file.Risk.Status.Needs)
	}
	return file.Risk.scorecard(), nil
}
