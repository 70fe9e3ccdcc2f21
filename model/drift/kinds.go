package drift

import (
	"fmt"
	"math"

	"github.com/churnwatch/churnwatch/model/estimate"
)

const (
	// trust is the number of false alarms that the threshold of all kinds, or
	// the rate asked for, counts beside those that were seen.
	trust = 20
	// kindRounds is how often the rate of each kind is corrected so that all
	// kinds together keep the rate stated.
	kindRounds = 3
)

// Occasion is one customer at one past instant, by every kind of signal.
type Occasion struct {
	// Customer is any code of the customer.
	Customer int
	// Usable says which kinds could judge him; Statistic is that of each
	// signal, at most 0, and Before that of the cycle before; 0 where there was
	// none.
	Usable    [Kinds]bool
	Statistic [Kinds]float64
	Before    [Kinds]float64
	// Churned says whether the customer churned within the horizon.
	Churned bool
}

// ByKind is what one kind of signal said.
func (o Occasion) ByKind(k Kind) Past {
	return Past{Customer: o.Customer, Statistic: o.Statistic[k], Before: o.Before[k], Churned: o.Churned}
}

// Scaled is what all kinds said, in units of the rule's thresholds.
func (o Occasion) Scaled(r Rule) Past {
	p := Past{Customer: o.Customer, Churned: o.Churned}
	for k := range Kind(Kinds) {
		p.Statistic = math.Min(p.Statistic, r.scale(k, o.Statistic[k]))
		p.Before = math.Min(p.Before, r.scale(k, o.Before[k]))
	}
	return p
}

// Thresholds are those of every kind.
type Thresholds struct {
	// Rule holds the thresholds; its Depth is 0.
	Rule Rule `json:"rule"`
	// Pooled is one threshold for all kinds at the same rate.
	Pooled float64 `json:"pooled"`
	// Achieved is the rate of all kinds together on the history used, per 1,000
	// customers and cycle; N counts customers.
	Achieved estimate.Estimate `json:"achieved"`
	Warnings []string          `json:"warnings,omitempty"`
}

// ChooseByKind returns a threshold for each kind of signal, so that on history
// all kinds together raise at most the stated rate of false alarms per 1,000
// customers and cycle (see [Choose]), each kind as many per 1,000 of those
// whom it can judge. With t_k the threshold of kind k at the rate r, t that of all
// kinds pooled, and n_k = r/1000 times the instants of kind k without churn:
//
//	t_k' = c (n_k t_k + 20 t) / (n_k + 20)      t_k' = c t for n_k < 5
//
// A kind of little history is drawn to the pooled threshold; the 20 are a
// convention. r is lowered until all kinds together keep the stated rate, and
// c, near 1, makes that exact. Rates, confidence and errors are those of
// [Choose], and so is the threshold of too thin a history.
func ChooseByKind(past []Occasion, rate, confidence float64) (Thresholds, error) {
	if rate == 0 {
		rate = defaultRate
	}
	all := make([]Past, len(past))
	var of [Kinds][]Past
	for i, o := range past {
		all[i] = o.Scaled(Rule{Threshold: -1})
		for k := range Kind(Kinds) {
			if o.Usable[k] && !o.Churned {
				of[k] = append(of[k], o.ByKind(k))
			}
			if !(o.Statistic[k] <= 0 && o.Before[k] <= 0) {
				return Thresholds{}, fmt.Errorf("choose thresholds: statistics %d are %v and %v: %w", i, o.Before[k], o.Statistic[k], ErrValue)
			}
		}
	}
	pooled, err := Choose(all, rate, confidence)
	if err != nil {
		return Thresholds{}, err
	}
	out := Thresholds{Rule: Rule{Threshold: pooled.Value}, Pooled: pooled.Value, Achieved: pooled.Achieved, Warnings: pooled.Warnings}
	if len(pooled.Warnings) > 0 || !(pooled.Value < 0) {
		return out, nil
	}
	asked := rate
	for range kindRounds {
		out.Rule = eachKind(of, pooled.Value, asked)
		if found := falseShare(past, out.Rule); found > 0 {
			asked = math.Min(rate, asked*rate/(1000*found))
		}
	}
	for i, o := range past {
		all[i] = o.Scaled(out.Rule)
	}
	joint, err := Choose(all, rate, confidence)
	if err != nil {
		return Thresholds{}, err
	}
	if joint.Value < 0 {
		out.Rule = Rule{
			Threshold: -joint.Value * out.Rule.Threshold, Rhythm: -joint.Value * out.Rule.Rhythm,
			Satisfaction: -joint.Value * out.Rule.Satisfaction,
		}
	}
	out.Achieved = joint.Achieved
	return out, nil
}

// eachKind chooses each kind's threshold at one rate, drawn to the pooled one.
func eachKind(of [Kinds][]Past, pooled, rate float64) Rule {
	var t [Kinds]float64
	for k, kept := range of {
		t[k] = pooled
		if n := rate / 1000 * float64(len(kept)); n >= leastAlarms {
			own := math.Min(cutRuns(kept, int(n+1e-9)), -math.SmallestNonzeroFloat64)
			t[k] = (n*own + trust*pooled) / (n + trust)
		}
	}
	return Rule{Threshold: t[ByOrders], Rhythm: t[ByRhythm], Satisfaction: t[BySatisfaction]}
}

// falseShare is the share of occasions without churn at which a run of alarms
// begins.
func falseShare(past []Occasion, r Rule) float64 {
	hits, kept := 0, 0
	for _, o := range past {
		if !o.Churned {
			kept++
			if o.Scaled(r).alarms(-1) {
				hits++
			}
		}
	}
	return float64(hits) / math.Max(1, float64(kept))
}
