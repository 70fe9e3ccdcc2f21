package scoring

import (
	"context"

	"github.com/churnwatch/churnwatch/model"
)

// Models lists every stored model, newest first.
func (s *Service) Models(ctx context.Context) ([]model.StoredModel, error) {
	return s.ledger.Models(ctx)
}

// Model returns a stored model and its file; 0 is the active one.
func (s *Service) Model(ctx context.Context, version int) (model.StoredModel, *File, error) {
	return s.load(ctx, version)
}

// Activate makes a stored model the active one. It is also the way back. A
// model without a risk can't score and is refused.
func (s *Service) Activate(ctx context.Context, version int) error {
	_, file, err := s.load(ctx, version)
	if err != nil {
		return err
	}
	if file.Risk.Status.Status != statusOK {
		return model.Errorf(model.KindConflict, "model %d holds no risk and can't score: %v", version, file.Risk.Status.Needs)
	}
	return s.ledger.Activate(ctx, version, s.clock().UTC())
}

// DeleteModel removes a stored model that is not active.
func (s *Service) DeleteModel(ctx context.Context, version int) error {
	return s.ledger.DeleteModel(ctx, version)
}
