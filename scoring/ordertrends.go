package scoring

import (
	"context"
	"time"

	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/model/drift"
)

// TrendWindowDays is the length of the two windows that order trends compare.
const TrendWindowDays = declineDays

// OrderTrends says where the orders of everybody who is eligible as of an
// instant go, in the order of their ids, by the guarded rule of the order
// decline. Who can't be judged, for want of a shop that could be fitted, has too
// few orders.
func (s *Service) OrderTrends(ctx context.Context, asOf time.Time) ([]model.CustomerTrend, error) {
	// Orders do not ask how fast answers age.
	fixed := *s
	fixed.settings.HalfLifeFixed = true
	answers, err := fixed.fitSatisfaction(ctx, asOf)
	if err != nil {
		return nil, err
	}
	now := &instant{at: asOf, satisfaction: answers}
	if now.drift, _, err = s.fitShop(ctx, asOf, answers.Parameters, false); err != nil {
		return nil, err
	}
	// What is common to the shop is fitted on a sample; everyone is judged.
	now.cycles, err = s.warehouse.Cycles(ctx, model.CyclesQuery{
		AsOf: asOf, Definition: s.settings.Definition, CycleDays: s.settings.CycleDays, Satisfaction: answers.Parameters,
	})
	if err != nil {
		return nil, err
	}
	declines, err := now.orderDeclines()
	if err != nil {
		return nil, err
	}
	out := make([]model.CustomerTrend, len(now.cycles))
	for i, c := range declines.customers {
		out[i] = model.CustomerTrend{
			CustomerID: now.cycles[i].Customer, Trend: model.OrderTrend(drift.DeclineRule{}.Trend(declines.trade, c)),
			Orders: c.Orders, Spend: c.Spend, Throughout: c.Throughout,
		}
	}
	return out, nil
}

// Watermark returns the instant that figures are as of by default.
func (s *Service) Watermark(ctx context.Context) (time.Time, error) {
	return s.at(ctx, time.Time{}, s.settings.Definition.Kind)
}

// Fresh is the start of the day of the newest fact of any kind: an answer that
// came in today says that the data are kept up to date, also where the orders
// come by another way and later. A date after the clock says nothing of that. It
// is KindNoData without any.
func (s *Service) Fresh(ctx context.Context) (time.Time, error) {
	newest, err := s.lastFact(ctx, model.FactKinds()...)
	if err != nil {
		return time.Time{}, err
	}
	if newest.IsZero() {
		return time.Time{}, model.Errorf(model.KindNoData, "nothing is known: import some facts first (%s)", importOf("KIND"))
	}
	return model.StartOfDay(newest), nil
}

// DataEnd returns the start of the day of the newest order known before an
// instant; of a shop on contracts, whose customers seldom order, that of the newest
// fact of any kind. It is KindNoData without any.
func (s *Service) DataEnd(ctx context.Context, asOf time.Time) (time.Time, error) {
	h, err := s.warehouse.History(ctx, asOf)
	if err != nil {
		return time.Time{}, err
	}
	newest := h.Of(model.Orders).Last
	if s.settings.Definition.Kind == model.Cancellation {
		for _, kind := range h.Kinds {
			if kind.Last.After(newest) {
				newest = kind.Last
			}
		}
	}
	if newest.IsZero() {
		return newest, model.Errorf(model.KindNoData, "nothing is known before %s", asOf.Format(time.RFC3339))
	}
	return model.StartOfDay(newest), nil
}

// HistoryStart returns where the history that labels are read from begins.
func (s *Service) HistoryStart(ctx context.Context, asOf time.Time) (time.Time, error) {
	return s.start(ctx, asOf)
}
