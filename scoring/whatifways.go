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
}

func newWays(p *additive.Predictor) ways {
	return ways{direct: p.NewTotal(), satisfaction: p.NewTotal(), both: p.NewTotal()}
}

// add counts one customer with a chance: as he is, with fewer incidents, and
// with the answers that he would have given then.
func (w ways) add(now, fewer, then additive.Row, weight float64) {
	w.direct.Add(now, -weight)
	w.direct.Add(fewer, weight)
	w.satisfaction.Add(fewer, -weight)
	w.satisfaction.Add(then, weight)
	w.both.Add(now, -weight)
	w.both.Add(then, weight)
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
		err := t.each(counts, reduce, func(left []int, chance float64) {
			fewer = t.row(row, left, fewer)
			then = append(then[:0], fewer...)
			if t.answering != nil {
				gone := 1 - float64(left[len(left)-1])/all
				t.answering.raise(then, t.answering.lift(row, gone, weight))
			}
			churn.add(now, fewer, then, chance)
			money.add(now, fewer, then, chance*worth)
		})
		if err != nil {
			return churn, money, err
		}
	}
	return churn, money, nil
}

// byModel is the change that the risk predictor expects, and its parts by the
// way that they take: direct, and by what customers answer. The error of the
// satisfaction weight counts beside that of the predictor, as if the two fits
// were independent; it is carried over by its standard error to both sides.
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
	of := func(total *additive.Total, spread float64) estimate.Estimate {
		return estimate.Normal(total.Value(), math.Hypot(total.StandardError(), spread), whatIfLevel, n)
	}
	direct := t.change(of(churn.direct, 0), of(money.direct, 0))
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
	by := t.change(of(churn.satisfaction, spread(0)), of(money.satisfaction, spread(1)))
	out.BySatisfaction = &by
	out.WhatIfChange = t.change(of(churn.both, spread(0)), of(money.both, spread(1)))
	return nil
}
