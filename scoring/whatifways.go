package scoring

import (
	"math"

	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/model/additive"
	"github.com/churnwatch/churnwatch/model/estimate"
)

// ways are the changes that the risk predictor expects, weighted by 1 for each
// customer or by what he is worth.
type ways struct {
	direct, satisfaction, both *additive.Total
	// worths is the variance of each of them by the customers' values: given
	// the predictor these are independent, and with d_i the change of one
	// customer's probability it is sum_i d_i^2 Var(worth_i). Its fields are in
	// the order of those above.
	worths [3]float64
}

func newWays(p *additive.Predictor) ways {
	return ways{direct: p.NewTotal(), satisfaction: p.NewTotal(), both: p.NewTotal()}
}

// add counts one customer with a chance: as he is, with fewer incidents, and
// with the answers that he would have given then.
func (w *ways) add(now, fewer, then additive.Row, weight float64) {
	w.direct.Add(now, -weight)
	w.direct.Add(fewer, weight)
	w.satisfaction.Add(fewer, -weight)
	w.satisfaction.Add(then, weight)
	w.both.Add(now, -weight)
	w.both.Add(then, weight)
}

// shift is the change of one customer's probability by each way.
type shift [3]float64

// add counts him with a chance.
func (s *shift) add(now, fewer, then, chance float64) {
	s[0] += chance * (fewer - now)
	s[1] += chance * (then - fewer)
	s[2] += chance * (then - now)
}

// scatter adds what a customer's worth leaves open.
func (w *ways) scatter(s shift, variance float64) {
	for way, d := range s {
		w.worths[way] += d * d * variance
	}
}

// walk adds up what the predictor expects, by customers and by money, at a
// weight of satisfaction.
func (t *thinning) walk(reduce, weight float64) (churn, money ways, err error) {
	p := t.file.Risk.Predictor
	churn, money = newWays(p), newWays(p)
	var now, fewer, then additive.Row
	for row := range t.panel.Customers {
		counts, worth := t.counts(row), 0.0
		if t.worth != nil {
			worth = t.worth[row]
		}
		all := float64(counts[len(counts)-1])
		now = t.row(row, counts, now)
		var moved shift
		err := t.each(counts, reduce, func(left []int, chance float64) {
			fewer = t.row(row, left, fewer)
			then = append(then[:0], fewer...)
			if t.answering != nil {
				gone := 1 - float64(left[len(left)-1])/all
				t.answering.raise(then, t.answering.lift(row, gone, weight))
			}
			churn.add(now, fewer, then, chance)
			money.add(now, fewer, then, chance*worth)
			if t.variance != nil {
				moved.add(p.Probability(now), p.Probability(fewer), p.Probability(then), chance)
			}
		})
		if err != nil {
			return churn, money, err
		}
		if t.variance != nil {
			money.scatter(moved, t.variance[row])
		}
	}
	return churn, money, nil
}

// byModel is the change that the risk predictor expects, and its parts by the
// way that they take: direct, and by what customers answer. The error of the
// satisfaction weight counts beside that of the predictor, as if the two fits
// were independent; it is carried over by its standard error to both sides. In
// money what the customers' values leave open counts too.
func (t *thinning) byModel(out *model.WhatIf) error {
	weight, se := 0.0, 0.0
	if t.answering != nil {
		weight, se = t.answering.weight.Value, t.answering.weight.StandardError
	}
	churn, money, err := t.walk(out.Reduce, weight)
	if err != nil {
		return err
	}
	n := len(t.panel.Customers)
	of := func(total *additive.Total, spread, worths float64) estimate.Estimate {
		return estimate.Normal(total.Value(), math.Hypot(math.Hypot(total.StandardError(), spread), math.Sqrt(worths)), whatIfLevel, n)
	}
	direct := t.change(of(churn.direct, 0, 0), of(money.direct, 0, money.worths[0]))
	out.WhatIfChange, out.Direct = direct, &direct
	if t.answering == nil {
		return nil
	}
	var low, high [2]ways
	if low[0], low[1], err = t.walk(out.Reduce, weight-se); err != nil {
		return err
	}
	if high[0], high[1], err = t.walk(out.Reduce, weight+se); err != nil {
		return err
	}
	spread := func(k int) float64 { return (high[k].satisfaction.Value() - low[k].satisfaction.Value()) / 2 }
	by := t.change(of(churn.satisfaction, spread(0), 0), of(money.satisfaction, spread(1), money.worths[1]))
	out.BySatisfaction = &by
	out.WhatIfChange = t.change(of(churn.both, spread(0), 0), of(money.both, spread(1), money.worths[2]))
	return nil
}
