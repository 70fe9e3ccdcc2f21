package board

import (
	"context"
	"slices"
	"time"

	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/model/estimate"
	"github.com/churnwatch/churnwatch/model/movement"
	"github.com/churnwatch/churnwatch/model/regression"
)

const (
	// leastRisers is the least number of customers whose answers changed that a
	// slope is fitted on.
	leastRisers = 30

	rose, stayed, fell = "rose", "stayed", "fell"
)

// rises tells whether answers that rose were followed by more orders. Of each
// pair of answers the orders in the horizon from the second one on are held
// against those in the one before, moved by the shop's own movement. Orders just
// before an answer are many where surveys follow on orders, for answers that
// rose and for those that fell alike: only their difference tells something.
func (s *Service) rises(ctx context.Context, asOf time.Time) (model.SegmentRises, error) {
	out := model.SegmentRises{
		Status: model.FigureInsufficient, WindowDays: s.settings.Definition.HorizonDays(), Verdict: "not_known", Moves: []model.SegmentMove{},
	}
	pairs, err := s.store.AnswerChanges(ctx, model.AnswerChangesQuery{AsOf: asOf, WindowDays: out.WindowDays})
	if err != nil {
		return out, err
	}
	r := risesOf(pairs)
	out.Pairs, out.Customers = len(r.points), r.customers
	for _, move := range []string{rose, stayed, fell} {
		m, err := r.move(move, s.settings.MinimumCell)
		if err != nil {
			return out, err
		}
		out.Moves = append(out.Moves, m)
	}
	if changed := r.changed(); changed < leastRisers {
		out.Reason = because("%d customers answered twice and otherwise, with %d days of orders on both sides of the second answer; %d are needed",
			changed, out.WindowDays, leastRisers)
		return out, nil
	}
	if !r.differ() {
		out.Reason = because("all answers changed by as much")
		return out, nil
	}
	fit, err := r.slope()
	if err != nil {
		return out, model.Wrap(model.KindInternal, "rises of answers", err)
	}
	out.Status, out.PerPoint = model.FigureOK, fit
	switch {
	case fit.Low > 0:
		out.Verdict = "rises"
	case fit.High < 0:
		out.Verdict = "falls"
	}
	return out, nil
}

// changes are pairs of answers as numbers: the change of the score, that of the
// orders beyond the shop's movement, and the customer's number.
type changes struct {
	points, orders []float64
	customer       []int
	customers      int
}

// risesOf restates pairs; those of a week without orders of others are left out.
func risesOf(pairs []model.AnswerChange) changes {
	var out changes
	last := ""
	for _, p := range pairs { // Ordered by customer.
		if p.Shop[0] == 0 || p.Shop[1] == 0 {
			continue
		}
		if p.CustomerID != last || out.customers == 0 {
			last = p.CustomerID
			out.customers++
		}
		moved := float64(p.Shop[1]) / float64(p.Shop[0])
		out.points = append(out.points, p.Scores[1]-p.Scores[0])
		out.orders = append(out.orders, float64(p.Orders[1])-moved*float64(p.Orders[0]))
		out.customer = append(out.customer, out.customers)
	}
	return out
}

// changed counts the customers with an answer that is not as the one before.
func (c changes) changed() int {
	n, last := 0, 0
	for i, by := range c.points {
		if by != 0 && c.customer[i] != last {
			last = c.customer[i]
			n++
		}
	}
	return n
}

// move is what followed on answers that rose, stayed or fell.
func (c changes) move(name string, least int) (model.SegmentMove, error) {
	out := model.SegmentMove{Move: name}
	var orders []float64
	var customer []int
	last := 0
	for i, by := range c.points {
		if by > 0 && name == rose || by == 0 && name == stayed || by < 0 && name == fell {
			orders, customer = append(orders, c.orders[i]), append(customer, c.customer[i])
			if c.customer[i] != last {
				last = c.customer[i]
				out.People++
			}
		}
	}
	out.Pairs = len(orders)
	if out.People < max(least, 2) {
		return out, nil
	}
	mean, err := movement.Mean(orders, customer, confidence)
	if err != nil {
		return out, model.Wrap(model.KindInternal, "rises of answers", err)
	}
	out.OrderChange = &mean
	return out, nil
}

// slope fits orders on points, clustered by customer.
func (c changes) slope() (*estimate.Estimate, error) {
	moments := regression.NewMoments(1)
	if err := moments.AddRows(c.points, c.orders, nil); err != nil {
		return nil, err
	}
	fit, err := regression.Solve(moments, regression.Options{})
	if err != nil {
		return nil, err
	}
	covariance, clusters, err := fit.Clustered(c.points, c.orders, nil, c.customer)
	if err != nil {
		return nil, err
	}
	slope := fit.Estimates(covariance, confidence, clusters)[1]
	return &slope, nil
}

// differ reports whether changes of scores differ from each other.
func (c changes) differ() bool {
	return slices.ContainsFunc(c.points, func(v float64) bool { return v != c.points[0] })
}
