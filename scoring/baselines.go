package scoring

import (
	"context"
	"math"
	"slices"

	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/model/logistic"
)

// The naive rankings that a model must beat.
const (
	recency          = "recency"
	recencyFrequency = "recency_frequency"
	btydBaseline     = "btyd"
	majority         = "majority"
)

func baselineNames() []string { return []string{recency, recencyFrequency, btydBaseline, majority} }

// fitBaselines predicts at a panel by the naive rankings, each a logistic fit
// on the same training rows: days since the last order; the logs of these and
// of the orders within the lookback; the probability of no order in the horizon
// by BG/NBD, as it is; and the base rate alone.
//
// A baseline whose features the panel lacks, or that can't be fitted because
// they do not differ, is left out.
func (s *Service) fitBaselines(ctx context.Context, training *dataset, test *model.Panel) (map[string][]float64, error) {
	base := weightedMean(training.churned, training.design.Weight)
	constant := make([]float64, test.Rows())
	for i := range constant {
		constant[i] = base
	}
	out := map[string][]float64{majority: constant}
	if predicted := noOrder(test); predicted != nil {
		out[btydBaseline] = predicted
	}
	last := indexOf(test.Features, model.FromOrders, model.DaysSinceLast)
	count := indexOf(test.Features, model.FromOrders, model.Count)
	if last < 0 {
		return out, nil
	}
	shapes := map[string]func(*model.Panel, int) []float64{
		recency: func(p *model.Panel, row int) []float64 { return []float64{p.Numbers[last][row]} },
	}
	if count >= 0 {
		shapes[recencyFrequency] = func(p *model.Panel, row int) []float64 {
			return []float64{math.Log1p(p.Numbers[last][row]), math.Log1p(p.Numbers[count][row])}
		}
	}
	for name, shape := range shapes {
		predicted, err := s.naive(ctx, training, test, shape)
		switch {
		case err == nil:
			out[name] = predicted
		case ctx.Err() != nil || model.KindOf(err) != model.KindNoData:
			return nil, err
		}
	}
	return out, nil
}

// noOrder returns the probability of no order in the horizon by the rhythm of
// orders, fitted as of the panel's cutoff; nil where there is none for someone.
func noOrder(p *model.Panel) []float64 {
	f := slices.IndexFunc(p.Features, func(f model.Feature) bool {
		return f.Source == model.FromPurchases && f.Measure == "p_no_order"
	})
	if f < 0 || slices.ContainsFunc(p.Numbers[f], math.IsNaN) {
		return nil
	}
	return p.Numbers[f]
}

// naive fits a plain logistic regression on what row returns.
func (s *Service) naive(ctx context.Context, training *dataset, test *model.Panel, row func(*model.Panel, int) []float64) ([]float64, error) {
	var x []float64
	width := 0
	for _, p := range training.panels {
		for i := range p.Customers {
			values := finite(row(p, i))
			width = len(values)
			x = append(x, values...)
		}
	}
	design, err := logistic.NewDense(x, width)
	if err != nil {
		return nil, s.fitError(ctx, "baseline", err)
	}
	fit, err := logistic.New(design, training.churned, logistic.Options{Weights: training.design.Weight, Stop: stopper(ctx)})
	if err != nil {
		return nil, s.fitError(ctx, "baseline", err)
	}
	out := make([]float64, test.Rows())
	for i := range out {
		out[i] = logistic.Probability(fit.Predict(finite(row(test, i))))
	}
	return out, nil
}

// finite puts 0 in the place of what is missing.
func finite(x []float64) []float64 {
	for i, v := range x {
		if math.IsNaN(v) {
			x[i] = 0
		}
	}
	return x
}

// indexOf returns the position of the feature that aggregates a whole source
// so, with the longest window, -1 without one.
func indexOf(features []model.Feature, source model.Source, aggregate model.Aggregate) int {
	best, window := -1, -1
	for i, f := range features {
		if f.Source != source || f.Aggregate != aggregate || f.Only != "" || f.Offset != 0 {
			continue
		}
		w := f.Window
		if w == 0 {
			w = math.MaxInt
		}
		if w > window {
			best, window = i, w
		}
	}
	return best
}
