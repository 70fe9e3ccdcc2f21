package scoring

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/model/btyd"
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
// tells of; false where it has none.
func varianceOf(score model.Score) (variance float64, known bool) {
	value, interval := *score.ExpectedValue, score.ValueInterval
	if value == 0 {
		return 0, true
	}
	if interval == nil {
		return 0, false
	}
	orders := ofOrders(score)
	spread := btyd.Spread(orders, interval.High-(value-orders), interval.Level)
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
