package scoring

import (
	"context"
	"time"

	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/model/quality"
)

// Shift is how far a feature has moved since the model in use was trained.
type Shift struct {
	Feature string
	// Value is the population stability index of the feature as of now against
	// its spread at the model's newest training cutoff: 0 is none.
	Value float64
}

// Shifts returns, by the catalogue's order, how far each feature as of an
// instant has moved from what the active model's risk was trained on.
// KindNoData without a model with a risk, or where nobody is eligible.
func (s *Service) Shifts(ctx context.Context, asOf time.Time) ([]Shift, error) {
	_, file, err := s.load(ctx, 0)
	if err != nil {
		return nil, err
	}
	if len(file.Risk.Cutoffs) == 0 {
		return nil, model.Errorf(model.KindNoData, "the active model has no risk")
	}
	of := s.as(file)
	line, most := of.newTimeline(asOf), len(file.Risk.Cutoffs)
	trained, err := of.newPanels(line.end, line, most).at(ctx, file.Risk.Cutoffs[most-1], asOf)
	if err != nil {
		return nil, err
	}
	now, err := of.unlabelled(ctx, line, most)
	if err != nil {
		return nil, err
	}
	if now == nil {
		return nil, model.Errorf(model.KindNoData, "nobody is eligible as of %s", asOf.Format(time.DateOnly))
	}
	out := make([]Shift, 0, len(now.Features))
	for f, feature := range now.Features {
		if feature.Internal {
			continue
		}
		moved, err := quality.Stability(sampleOf(trained, f, thin(trained)), sampleOf(now, f, thin(now)), driftConfidence)
		if err == nil { // A feature that can't be compared has no shift.
			out = append(out, Shift{feature.Name, moved.Value})
		}
	}
	return out, nil
}

// Gates judges the data as of an instant by the gates that need no panels,
// worst first within the order of reports.
func (s *Service) Gates(ctx context.Context, asOf time.Time) ([]model.Gate, error) {
	_, file, err := s.load(ctx, 0)
	if err != nil {
		return nil, err
	}
	kept := 0.0
	if file.Risk.Predictor != nil {
		kept = 1 - file.Risk.BaseRate
	}
	g, err := s.as(file).dataGates(ctx, asOf, file.definition(), kept)
	if err != nil {
		return nil, err
	}
	return g.reported().Gates, nil
}
