package board

import (
	"errors"

	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/model/evaluate"
	"github.com/churnwatch/churnwatch/model/movement"
)

// shopOf returns everybody's movement, nil where there is nothing to compare.
func shopOf(pairs []movement.Pair) (*movement.Shop, error) {
	shop, err := movement.NewShop(pairs)
	switch {
	case errors.Is(err, movement.ErrNothing):
		return nil, nil
	case err != nil:
		return nil, model.Wrap(model.KindInternal, "board", err)
	}
	return shop, nil
}

// matrix makes cells of customers now and of those of one horizon ago.
type matrix struct {
	service   *Service
	now, then *crowd
	actions   ActionTable
}

// cells returns each group over all trends, then by trend; a group that nobody is
// in has its rows too, so that who reads them finds what he looks for.
func (m matrix) cells(now, then []int) []model.SegmentCell {
	here, there := placed(m.now, now), placed(m.then, then)
	groups, trends := model.SegmentGroups(), append([]model.OrderTrend{model.AllTrends}, model.OrderTrends()...)
	out := make([]model.SegmentCell, 0, len(groups)*len(trends))
	for _, group := range groups {
		for _, trend := range trends {
			key := actionKey{group, trend}
			cell := m.cell(key, here[key], len(now))
			cell.Next = m.outcome(there[key])
			out = append(out, cell)
		}
	}
	return out
}

// placed puts customers into their cells, and into that of all trends.
func placed(c *crowd, members []int) map[actionKey][]int {
	out := map[actionKey][]int{}
	for _, m := range members {
		for _, trend := range []model.OrderTrend{c.trends[m], model.AllTrends} {
			key := actionKey{c.standings[m].Group, trend}
			out[key] = append(out[key], m)
		}
	}
	return out
}

func (m matrix) cell(key actionKey, members []int, all int) model.SegmentCell {
	out := model.SegmentCell{Group: key.group, Trend: key.trend, Customers: len(members), Status: model.FigureOK}
	if action, ok := m.actions[key]; ok {
		out.Action = &action
	}
	if all > 0 {
		share := float64(len(members)) / float64(all)
		out.Share = &share
	}
	if len(members) < m.service.settings.MinimumCell {
		out.Status, out.Reason = model.FigureInsufficient, m.service.tooFew(len(members))
		return out
	}
	orders, revenue := 0, 0.0
	for _, i := range members {
		orders += m.now.standings[i].Orders30d
		revenue += m.now.standings[i].Revenue30d
	}
	out.Orders30d, out.Revenue30d = &orders, &revenue
	if m.now.orders != nil {
		out.OrderChange = estimated(m.now.orders.Relative(members, confidence))
	}
	return out
}

// outcome is what became of the members of a cell.
func (m matrix) outcome(members []int) model.SegmentOutcome {
	out := model.SegmentOutcome{Customers: len(members), Status: model.FigureOK}
	switch {
	case m.then == nil:
		out.Status, out.Reason = model.FigureInsufficient, because("no period has closed since there is enough history before it")
		return out
	case len(members) < m.service.settings.MinimumCell:
		out.Status, out.Reason = model.FigureInsufficient, m.service.tooFew(len(members))
		return out
	}
	churned := 0
	for _, i := range members {
		if m.then.standings[i].Churned {
			churned++
		}
	}
	out.Churn = estimated(evaluate.Proportion(churned, len(members), confidence), nil)
	if m.then.revenue != nil {
		out.RevenueChange = estimated(m.then.revenue.Relative(members, confidence))
	}
	return out
}

func (s *Service) tooFew(n int) *string {
	return because("%d customers, %d are needed", n, s.settings.MinimumCell)
}
