package scoring

import (
	"context"
	"math"
	"time"

	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/model/evaluate"
)

// moments are the instants at which customers left, as known at one.
type moments struct {
	asOf    time.Time
	horizon time.Duration
	// notices are those of the customers without a running contract, by
	// customer; nil where churn is a silence.
	notices map[string]time.Time
}

// moments reads when customers left, as known at asOf.
func (s *Service) moments(ctx context.Context, asOf time.Time) (moments, error) {
	m := moments{asOf: asOf, horizon: s.settings.Definition.Horizon}
	if s.settings.Definition.Kind != model.Cancellation {
		return m, nil
	}
	left, err := s.warehouse.Departures(ctx, asOf)
	if err != nil {
		return m, err
	}
	m.notices = make(map[string]time.Time, len(left))
	for _, d := range left {
		m.notices[d.Customer] = d.At
	}
	return m, nil
}

// of returns the day on which a customer left, counted from an instant: of
// contracts that of the notice, else the last order and the usual gap once
// the horizon has passed in silence; NaN for one who is there.
func (m moments) of(c model.Cycles, from time.Time) float64 {
	if m.notices != nil {
		if at, ok := m.notices[c.Customer]; ok {
			return model.Days(at.Sub(from))
		}
		return math.NaN()
	}
	if c.LastOrder.Add(m.horizon).After(m.asOf) {
		return math.NaN()
	}
	return evaluate.ChurnMoment(model.Days(c.LastOrder.Sub(from)), c.UsualGapDays)
}

// alarms restates what was said at each instant customer by customer.
func (m moments) alarms(history []*instant, alarm func(k, i int) bool) []evaluate.Alarms {
	code := historyCodes(history)
	out := make([]evaluate.Alarms, len(code))
	first := history[0].at
	for k, at := range history {
		for i, c := range at.cycles {
			a := &out[code[c.Customer]]
			a.Instant = append(a.Instant, model.Days(at.at.Sub(first)))
			a.Alarm = append(a.Alarm, alarm(k, i))
			a.Churn, a.Until = m.of(c, first), model.Days(m.asOf.Sub(first)) // as the newest instant knows it
		}
	}
	return out
}
