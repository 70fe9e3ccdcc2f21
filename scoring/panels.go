package scoring

import (
	"context"
	"time"

	"github.com/churnwatch/churnwatch/model"
)

// panels makes the labelled panels of a training or a validation, each once.
type panels struct {
	service  *Service
	start    time.Time
	features []model.Feature
	maxRows  int
	// values says that the panels tell what customers are worth.
	values   bool
	made     map[instantKey]*model.Panel
	timeline *timeline
}

// newPanels prepares panels of a history that begins at start. The rows of
// one cutoff are bounded so that most cutoffs together stay within MaxRows.
func (s *Service) newPanels(start time.Time, timeline *timeline, most int) *panels {
	p := &panels{
		service: s, start: start, features: model.WithPainPoints(model.Catalogue(s.settings.Definition.Kind), s.settings.PainPoints),
		made: map[instantKey]*model.Panel{}, timeline: timeline,
	}
	if s.settings.MaxRows > 0 {
		p.maxRows = max(leastInner, s.settings.MaxRows/max(1, most))
	}
	return p
}

// at returns the labelled panel of a cutoff, with parameters fitted as of it, for
// a model as of an instant that is not before it.
func (p *panels) at(ctx context.Context, cutoff, modelAsOf time.Time) (*model.Panel, error) {
	instant, err := p.timeline.at(ctx, cutoff, modelAsOf)
	if err != nil {
		return nil, err
	}
	key := instantKey{cutoff.UnixNano(), instant.satisfaction.Parameters.HalfLifeDays}
	if made, ok := p.made[key]; ok {
		return made, nil
	}
	made, err := p.service.warehouse.Panel(ctx, model.PanelQuery{
		AsOf: cutoff, Definition: p.service.settings.Definition, Features: p.features,
		Parameters: instant.parameters(), Labels: true, Values: p.values, MaxRows: p.maxRows, Seed: p.service.settings.Seed,
	})
	if err != nil {
		return nil, err
	}
	if made.Rows() == 0 {
		return nil, model.Errorf(model.KindNoData, "no customer is eligible at %s", cutoff.Format(time.DateOnly))
	}
	p.made[key] = made
	return made, nil
}

// before returns the panels whose labels were complete before asOf, oldest
// first, for a model as of it.
func (p *panels) before(ctx context.Context, asOf time.Time) ([]*model.Panel, error) {
	horizon := p.service.settings.Definition.Horizon
	cutoffs := p.service.settings.Calendar.Cutoffs(p.start, asOf, horizon)
	if len(cutoffs) == 0 {
		return nil, model.Errorf(model.KindNoData,
			"the history begins on %s: no label of %d days is complete before %s",
			p.start.Format(time.DateOnly), int(horizon/model.Day), asOf.Format(time.DateOnly))
	}
	out := make([]*model.Panel, 0, len(cutoffs))
	for _, cutoff := range cutoffs {
		panel, err := p.at(ctx, cutoff, asOf)
		if model.KindOf(err) == model.KindNoData && ctx.Err() == nil {
			continue
		}
		if err != nil {
			return nil, err
		}
		out = append(out, panel)
	}
	if len(out) == 0 {
		return nil, model.Errorf(model.KindNoData, "no customer is eligible at any cutoff before %s", asOf.Format(time.DateOnly))
	}
	return out, nil
}
