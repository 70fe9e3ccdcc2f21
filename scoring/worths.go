package scoring

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/model/btyd"
	"github.com/churnwatch/churnwatch/model/estimate"
)

// worths are what customers are worth if kept.
type worths struct {
	// worth is the expected value of each customer, nil where none is
	// published; unvalued counts those without.
	worth    []float64
	unvalued int
	// variance is that of each value, nil where it is not known of each of
	// them; unspread counts those.
	variance []float64
	unspread int
}

// readWorths reads what customers are worth from the published scores: there
// is nothing for another instant.
func (s *Service) readWorths(ctx context.Context, customers []string, asOf time.Time) (worths, error) {
	snapshot, err := s.warehouse.Snapshot(ctx)
	if err != nil && model.KindOf(err) != model.KindNoData {
		return worths{}, err
	}
	if published := err == nil; !published || !snapshot.AsOf.Equal(asOf) {
		return worths{unvalued: len(customers)}, nil
	}
	scores, err := s.warehouse.Scores(ctx, model.ScoreQuery{})
	if err != nil {
		return worths{}, err
	}
	row := make(map[string]int, len(customers))
	for i, id := range customers {
		row[id] = i
	}
	w := worths{worth: make([]float64, len(customers)), variance: make([]float64, len(customers)), unvalued: len(customers)}
	for _, score := range scores {
		i, ok := row[score.CustomerID]
		if !ok || score.ExpectedValue == nil {
			continue
		}
		w.worth[i] = *score.ExpectedValue
		w.unvalued--
		if w.variance[i], ok = varianceOf(score); !ok {
			w.unspread++
		}
	}
	if w.unspread > 0 {
		w.variance = nil
	}
	return w, nil
}

// varianceOf returns the variance of a customer's value, which its interval
// tells of; false where it has none. Where two come with it the one is meant
// that the interval of the revenue at risk comes closer to.
func varianceOf(score model.Score) (variance float64, known bool) {
	value, interval := *score.ExpectedValue, score.ValueInterval
	if value == 0 {
		return 0, true
	}
	if interval == nil {
		return 0, false
	}
	orders := ofOrders(score)
	price := value - orders
	low := interval.Low - price
	if low < 1e-9*value {
		low = 0 // but for rounding
	}
	least, most := btyd.Spreads(orders, low, interval.High-price, interval.Level)
	off := func(spread float64) float64 {
		part := orders / value
		_, high := btyd.Interval(*score.RevenueAtRisk, (1+spread*part*part)*(1+shaken(score))-1, interval.Level)
		return math.Abs(high - score.RevenueInterval.High)
	}
	spread := most
	if least < most && score.RevenueInterval != nil && score.Interval != nil && off(least) <= off(most) {
		spread = least
	}
	return orders * orders * spread, !math.IsNaN(spread)
}

// ofOrders is what of a customer's value his orders are expected to make; the
// rest is the price of his contracts, which is taken as certain.
func ofOrders(score model.Score) float64 {
	if score.ValueBasis != nil && *score.ValueBasis == model.ByContractAndPurchases {
		return *score.ExpectedOrders * *score.OrderValue
	}
	return *score.ExpectedValue
}

// shaken is the squared coefficient of variation of a score's probability p,
// (1 - p) times the error of its log-odds.
func shaken(score model.Score) float64 {
	logit := func(p float64) float64 { return math.Log(p) - math.Log1p(-p) }
	se := (logit(score.Interval.High) - logit(score.Interval.Low)) / (2 * estimate.Quantile(score.Interval.Level))
	v := (1 - *score.ChurnProbability) * se
	return v * v
}

// withoutValue says what the revenue leaves out.
func (w *worths) withoutValue() string {
	if w.worth == nil {
		return "no scores are published as of this instant, so the customers' value is not known (churnwatch score --as-of)"
	}
	return fmt.Sprintf("%d of the customers have no expected value and count as 0 in the revenue", w.unvalued)
}

// withoutSpread says why the revenue has no interval.
func (w *worths) withoutSpread() string {
	return fmt.Sprintf("no interval of the revenue: it is not known how far the value of %d of the customers may be off", w.unspread)
}
