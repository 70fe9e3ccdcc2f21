package scoring

import (
	"context"
	"time"

	"github.com/churnwatch/churnwatch/model"
)

// instant is what was fitted as of one moment on what was known before it,
// with the cycles that it was fitted on.
type instant struct {
	at           time.Time
	satisfaction model.SatisfactionFit
	drift        model.DriftParameters
	purchases    PurchasePart
	rhythm       model.PurchaseParameters
	cycles       []model.Cycles
	// complete says that the cycles' labels were complete before the
	// timeline's end; otherwise there are none.
	complete bool
}

// parameters are those that features as of the instant are made with.
func (i *instant) parameters() model.FeatureParameters {
	return model.FeatureParameters{Satisfaction: i.satisfaction.Parameters, Drift: i.drift, Purchases: i.rhythm}
}

// timeline fits instants, each once. No label after its end is read.
type timeline struct {
	service   *Service
	end       time.Time
	made      map[instantKey]*instant
	halfLives map[int64]model.SatisfactionFit
	purchases map[int64]PurchasePart
}

// instantKey is an instant and the half-life of answers that it was made with.
type instantKey struct {
	at       int64
	halfLife float64
}

func (s *Service) newTimeline(end time.Time) *timeline {
	return &timeline{
		service: s, end: end, made: map[instantKey]*instant{},
		halfLives: map[int64]model.SatisfactionFit{}, purchases: map[int64]PurchasePart{},
	}
}

// at returns the instant of a moment, for a model as of an instant that is not
// before it: how fast answers age is measured as of the model and then the same
// at all of its instants, as it is when it scores.
func (l *timeline) at(ctx context.Context, at, modelAsOf time.Time) (*instant, error) {
	s, err := l.aging(ctx, modelAsOf)
	if err != nil {
		return nil, err
	}
	key := instantKey{at.UnixNano(), s.settings.HalfLifeDays}
	if made, ok := l.made[key]; ok {
		return made, nil
	}
	made := &instant{at: at, complete: !at.Add(s.settings.Definition.Horizon).After(l.end)}
	if at.Equal(modelAsOf) {
		made.satisfaction, err = l.satisfactionOf(ctx, at)
	} else {
		made.satisfaction, err = s.fitSatisfaction(ctx, at)
	}
	if err != nil {
		return nil, err
	}
	if made.purchases, err = l.purchasesAt(ctx, at); err != nil {
		return nil, err
	}
	if made.rhythm, err = made.purchases.parameters(); err != nil {
		return nil, err
	}
	made.drift, made.cycles, err = s.fitShop(ctx, at, made.satisfaction.Parameters, made.complete)
	if err != nil {
		return nil, err
	}
	l.made[key] = made
	return made, nil
}

// satisfactionOf returns how answers become an index for a model as of an
// instant, with the half-life as measured then.
func (l *timeline) satisfactionOf(ctx context.Context, modelAsOf time.Time) (model.SatisfactionFit, error) {
	if fit, ok := l.halfLives[modelAsOf.UnixNano()]; ok {
		return fit, nil
	}
	fit, err := l.service.fitSatisfaction(ctx, modelAsOf)
	if err == nil {
		l.halfLives[modelAsOf.UnixNano()] = fit
	}
	return fit, err
}

// aging returns the service with the half-life of a model.
func (l *timeline) aging(ctx context.Context, modelAsOf time.Time) (*Service, error) {
	if l.service.settings.HalfLifeFixed {
		return l.service, nil
	}
	fit, err := l.satisfactionOf(ctx, modelAsOf)
	if err != nil {
		return nil, err
	}
	s := *l.service
	s.settings.HalfLifeDays, s.settings.HalfLifeFixed = fit.Parameters.HalfLifeDays, true
	return &s, nil
}

// purchasesAt fits purchases as of a moment, whatever the model.
func (l *timeline) purchasesAt(ctx context.Context, at time.Time) (PurchasePart, error) {
	if part, ok := l.purchases[at.UnixNano()]; ok {
		return part, nil
	}
	part, err := l.service.fitPurchases(ctx, at)
	if err == nil {
		l.purchases[at.UnixNano()] = part
	}
	return part, err
}

// sampleRows bounds what common movements and means are fitted on, which
// settle on far fewer rows than a risk does.
func (s *Service) sampleRows() int { return s.settings.MaxRows / 8 }
