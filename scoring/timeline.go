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
	service *Service
	end     time.Time
	made    map[int64]*instant
}

func (s *Service) newTimeline(end time.Time) *timeline {
	return &timeline{service: s, end: end, made: map[int64]*instant{}}
}

// at returns the instant of a moment.
func (l *timeline) at(ctx context.Context, at time.Time) (*instant, error) {
	if made, ok := l.made[at.UnixNano()]; ok {
		return made, nil
	}
	s := l.service
	made := &instant{at: at, complete: !at.Add(s.settings.Definition.Horizon).After(l.end)}
	var err error
	if made.satisfaction, err = s.fitSatisfaction(ctx, at); err != nil {
		return nil, err
	}
	if made.purchases, err = s.fitPurchases(ctx, at); err != nil {
		return nil, err
	}
	if made.rhythm, err = made.purchases.parameters(); err != nil {
		return nil, err
	}
	made.drift, made.cycles, err = s.fitShop(ctx, at, made.satisfaction.Parameters, made.complete)
	if err != nil {
		return nil, err
	}
	l.made[at.UnixNano()] = made
	return made, nil
}

// sampleRows bounds what common movements and means are fitted on, which
// settle on far fewer rows than a risk does.
func (s *Service) sampleRows() int { return s.settings.MaxRows / 8 }
