package board

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/model/movement"
)

// Segments returns the matrix of answer groups by order trends as of an instant
// (zero: the watermark), for everybody and for each value of the dimensions:
// who stands where now, what became of those who stood there one horizon ago,
// what is recommended, and whether higher answers were followed by more orders.
// Where the data end before the instant, it is as of their end.
func (s *Service) Segments(ctx context.Context, asOf time.Time, dimensions []string) (model.SegmentReport, error) {
	var out model.SegmentReport
	asOf, warnings, err := s.within(ctx, asOf)
	if err != nil {
		return out, err
	}
	out = model.SegmentReport{
		AsOf: asOf, GroupedBy: "nps", WindowDays: s.settings.TrendDays, Minimum: s.settings.MinimumCell,
		Cells: []model.SegmentCell{}, By: []model.SegmentCohort{}, Warnings: warnings,
	}
	query := model.StandingsQuery{AsOf: asOf, Definition: s.settings.Definition, Dimensions: dimensions, Most: s.settings.MostCohorts}
	now, err := s.standNow(ctx, &query)
	if err != nil {
		return out, err
	}
	if query.AnyKind && now.anybodyAnswered() {
		out.GroupedBy = "all"
		out.Warnings = append(out.Warnings, "nobody answered the net promoter question: groups are by the newest answer of any survey")
	}
	then, err := s.before(ctx, query, &out)
	if err != nil {
		return out, err
	}
	if err := s.fillSegments(&out, now, then, dimensions); err != nil {
		return out, err
	}
	weighted, err := s.store.WeightedOrders(ctx, asOf)
	if err != nil {
		return out, err
	}
	if weighted > 0 {
		out.Warnings = append(out.Warnings, fmt.Sprintf(
			"orders with a sampling weight: %d; only the weights of pain points heed it, here everybody counts once: shares are those of the sample", weighted))
	}
	out.Rises, err = s.rises(ctx, asOf)
	return out, err
}

// Matrix returns the cells of everybody alone as of an instant, without what
// became of customers: one for each group and trend.
func (s *Service) Matrix(ctx context.Context, asOf time.Time) ([]model.SegmentCell, error) {
	query := model.StandingsQuery{AsOf: asOf.UTC(), Definition: s.settings.Definition}
	now, err := s.standNow(ctx, &query)
	if err != nil {
		return nil, err
	}
	actions, err := Actions(s.settings.Actions)
	if err != nil {
		return nil, err
	}
	cells := matrix{service: s, now: now, actions: actions}.cells(now.everybody(), nil)
	return slices.DeleteFunc(cells, func(c model.SegmentCell) bool { return c.Trend == model.AllTrends }), nil
}

// standNow reads who stands where now: by answers of any kind where nobody ever
// answered the net promoter question.
func (s *Service) standNow(ctx context.Context, query *model.StandingsQuery) (*crowd, error) {
	now, err := s.stand(ctx, *query)
	if err != nil {
		return nil, err
	}
	if len(now.standings) == 0 {
		return nil, model.Errorf(model.KindNoData, "nobody is a customer as of %s: nobody ordered in the %d days before, or holds a contract that runs",
			query.AsOf.Format(time.DateOnly), int(s.settings.Definition.Lookback/model.Day))
	}
	if now.anybodyAnswered() {
		return now, nil
	}
	query.AnyKind = true
	if now.standings, err = s.store.Standings(ctx, *query); err != nil {
		return nil, err
	}
	return now, nil
}

// before is who stood where one horizon ago, nil where no such period has closed.
func (s *Service) before(ctx context.Context, query model.StandingsQuery, out *model.SegmentReport) (*crowd, error) {
	start, err := s.insight.HistoryStart(ctx, query.AsOf)
	if err != nil {
		return nil, err
	}
	horizon := s.settings.Definition.Horizon
	earliest := start.Add(time.Duration(2*s.settings.TrendDays) * model.Day)
	query.AsOf, query.Outcome = query.AsOf.Add(-horizon), true
	if query.AsOf.Before(earliest) {
		out.Warnings = append(out.Warnings, fmt.Sprintf(
			"what became of customers is not known: that needs %d days of orders before and %d after, the history begins on %s",
			2*s.settings.TrendDays, int(horizon/model.Day), start.Format(time.DateOnly)))
		return nil, nil
	}
	then, err := s.stand(ctx, query)
	if err != nil || len(then.standings) == 0 {
		return nil, err
	}
	out.Next = &model.SegmentPeriod{From: query.AsOf, Until: query.AsOf.Add(horizon), Customers: len(then.standings)}
	churned := 0
	for _, c := range then.standings {
		if c.Churned {
			churned++
		}
	}
	share := float64(churned) / float64(len(then.standings))
	out.Next.ChurnShare = &share
	if then.revenue != nil {
		change := then.revenue.Movement - 1
		out.Next.RevenueChange = &change
	}
	return then, nil
}

// fillSegments makes the cells of everybody and of each cohort.
func (s *Service) fillSegments(out *model.SegmentReport, now, then *crowd, dimensions []string) error {
	actions, err := Actions(s.settings.Actions)
	if err != nil {
		return err
	}
	if now.orders != nil {
		change := now.orders.Movement - 1
		out.ShopChange = &change
	}
	m := matrix{service: s, now: now, then: then, actions: actions}
	out.Cells = m.cells(now.everybody(), then.everybody())
	for d, dimension := range dimensions {
		here, there := now.cohorts(d), then.cohorts(d)
		if len(here["unknown"]) == len(now.standings) {
			out.Warnings = append(out.Warnings, "by "+dimension+": it is not known of anybody as of "+out.AsOf.Format(time.DateOnly))
			continue
		}
		names := make([]string, 0, len(here))
		for name := range here {
			names = append(names, name)
		}
		slices.SortFunc(names, func(a, b string) int {
			if by := len(here[b]) - len(here[a]); by != 0 {
				return by
			}
			if a < b {
				return -1
			}
			return 1
		})
		for _, name := range names {
			out.By = append(out.By, model.SegmentCohort{
				Dimension: dimension, Cohort: name, Customers: len(here[name]), Cells: m.cells(here[name], there[name]),
			})
		}
	}
	return nil
}

// crowd is who stood where at an instant, in the order of their ids.
type crowd struct {
	standings []model.Standing
	trends    []model.OrderTrend
	// orders and revenue are everybody's movement over the windows of the trend
	// and over the two horizons; nil where there is nothing to compare. Who was not
	// a customer for both windows counts in orders as nothing.
	orders, revenue *movement.Shop
}

// stand reads who stands where.
func (s *Service) stand(ctx context.Context, q model.StandingsQuery) (*crowd, error) {
	standings, err := s.store.Standings(ctx, q)
	if err != nil {
		return nil, err
	}
	trends, err := s.insight.OrderTrends(ctx, q.AsOf)
	if err != nil {
		return nil, err
	}
	out := &crowd{standings: standings, trends: make([]model.OrderTrend, len(standings))}
	orders, revenue := make([]movement.Pair, len(standings)), make([]movement.Pair, len(standings))
	k := 0
	for i, c := range standings { // Both are in the order of the ids.
		for k < len(trends) && trends[k].CustomerID < c.CustomerID {
			k++
		}
		out.trends[i] = model.OrdersTooFew
		if k < len(trends) && trends[k].CustomerID == c.CustomerID {
			out.trends[i] = trends[k].Trend
			if trends[k].Throughout {
				orders[i] = movement.Pair{Before: float64(trends[k].Orders[0]), After: float64(trends[k].Orders[1])}
			}
		}
		revenue[i] = movement.Pair{Before: max(0, c.RevenueBefore), After: max(0, c.RevenueAfter)} // a refund is no revenue
	}
	if out.orders, err = shopOf(orders); err != nil {
		return nil, err
	}
	if q.Outcome {
		out.revenue, err = shopOf(revenue)
	}
	return out, err
}

func (c *crowd) anybodyAnswered() bool {
	return slices.ContainsFunc(c.standings, func(s model.Standing) bool { return s.Group != model.NoAnswer })
}

// everybody returns the places of all; of no crowd none.
func (c *crowd) everybody() []int {
	if c == nil {
		return nil
	}
	out := make([]int, len(c.standings))
	for i := range out {
		out[i] = i
	}
	return out
}

// cohorts returns the places of each value of a dimension.
func (c *crowd) cohorts(dimension int) map[string][]int {
	out := map[string][]int{}
	if c == nil {
		return out
	}
	for i, s := range c.standings {
		out[s.Cohorts[dimension]] = append(out[s.Cohorts[dimension]], i)
	}
	return out
}
