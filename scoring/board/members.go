package board

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/churnwatch/churnwatch/model"
)

// highValue is the share of those who bought that counts as of high value.
const highValue = 0.2

// Members names the customers of a group as of an instant (zero: the watermark),
// of one trend or of all, those who bought most in the horizon before first, ties
// by id; at most so many, 0 is all.
func (s *Service) Members(ctx context.Context, asOf time.Time, group model.AnswerGroup, trend model.OrderTrend, most int) ([]model.SegmentMember, error) {
	asOf, err := s.at(ctx, asOf)
	if err != nil {
		return nil, err
	}
	query := model.StandingsQuery{AsOf: asOf, Definition: s.settings.Definition}
	now, err := s.standNow(ctx, &query)
	if err != nil {
		return nil, err
	}
	bound := now.valueBound()
	out := []model.SegmentMember{}
	for i, c := range now.standings {
		if c.Group == group && (trend == model.AllTrends || now.trends[i] == trend) {
			out = append(out, model.SegmentMember{
				CustomerID: c.CustomerID, Group: c.Group, Trend: now.trends[i], Orders30d: c.Orders30d, Revenue30d: c.Revenue30d,
				Revenue: c.RevenueBefore, HighValue: c.RevenueBefore > 0 && c.RevenueBefore >= bound,
			})
		}
	}
	slices.SortStableFunc(out, func(a, b model.SegmentMember) int {
		return cmp.Or(-cmp.Compare(a.Revenue, b.Revenue), cmp.Compare(a.CustomerID, b.CustomerID))
	})
	if most > 0 && len(out) > most {
		out = out[:most]
	}
	return out, nil
}

// valueBound is the revenue from which on a customer is of high value.
func (c *crowd) valueBound() float64 {
	var spent []float64
	for _, s := range c.standings {
		if s.RevenueBefore > 0 {
			spent = append(spent, s.RevenueBefore)
		}
	}
	if len(spent) == 0 {
		return 0
	}
	slices.SortFunc(spent, func(a, b float64) int { return -cmp.Compare(a, b) })
	return spent[max(0, int(highValue*float64(len(spent))+0.5)-1)]
}
