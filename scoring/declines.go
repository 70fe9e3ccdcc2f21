package scoring

import (
	"context"
	"time"

	"github.com/churnwatch/churnwatch/model"
)

// Declines returns the customers whose orders fell by 40 % or more against the
// 60 days before, relative to the shop, by more than chance explains, as of an
// instant and in the order of their ids; nobody where too little is known.
func (s *Service) Declines(ctx context.Context, asOf time.Time) ([]model.CustomerDecline, error) {
	now, err := s.newTimeline(asOf).at(ctx, asOf, asOf)
	if err != nil {
		if model.KindOf(err) == model.KindNoData {
			return nil, nil
		}
		return nil, err
	}
	// What is common to the shop is fitted on a sample; everyone is judged.
	now.cycles, err = s.warehouse.Cycles(ctx, model.CyclesQuery{
		AsOf: asOf, Definition: s.settings.Definition, CycleDays: s.settings.CycleDays, Satisfaction: now.satisfaction.Parameters,
	})
	if err != nil {
		return nil, err
	}
	declines, err := now.orderDeclines()
	if err != nil {
		return nil, err
	}
	var out []model.CustomerDecline
	for i, said := range declines.said {
		if said.Flagged {
			change := said.OrderChange
			if said.SpendChange < change { // NaN is not.
				change = said.SpendChange
			}
			out = append(out, model.CustomerDecline{Customer: now.cycles[i].Customer, Change: change})
		}
	}
	return out, nil
}
