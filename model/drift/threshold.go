package drift

import (
	"fmt"
	"math"
	"slices"

	"github.com/churnwatch/churnwatch/model/estimate"
	"github.com/churnwatch/churnwatch/model/evaluate"
)

const (
	// defaultRate is the stated number of false alarms per 1,000 customers and
	// cycle where 0 is given.
	defaultRate = 20
	// leastAlarms is the number of false alarms that the stated rate must lead
	// one to expect for the threshold to be read off history.
	leastAlarms = 5
)

// Past is one customer at one past instant, with a usable statistic.
type Past struct {
	// Customer is any code of the customer.
	Customer int
	// Statistic is that of [Statistic], at most 0; Before that of the cycle
	// before, 0 where there was none to judge.
	Statistic float64
	Before    float64
	// Churned says whether the customer churned within the horizon.
	Churned bool
}

// Threshold is the statistic at or below which an alarm is raised.
type Threshold struct {
	Value float64 `json:"value"`
	// Stated is the rate asked for, per 1,000 customers and cycle.
	Stated float64 `json:"stated"`
	// Achieved is the rate on the history used, per 1,000 customers and cycle;
	// N counts customers.
	Achieved estimate.Estimate `json:"achieved"`
	// Instants is the number of customers who did not churn, over all instants.
	Instants int      `json:"instants"`
	Warnings []string `json:"warnings,omitempty"`
}

// Choose returns the least extreme threshold whose false alarms on history do
// not exceed the stated rate per 1,000 customers and cycle.
//
// Every entry is one customer and cycle; those who churned are no false alarm
// and are left out. An alarm that goes on from the cycle before is none anew: a
// false alarm is an unbroken run of them that no churn followed within the
// horizon from its first. The threshold lies midway between the last statistic that
// alarms and the first that does not. The interval of the rate achieved is
// Wilson's with n divided by the design effect of several entries of one
// customer. Where the stated rate leads one to expect fewer than 5 false alarms
// on this history, the value is [NormalThreshold], with a warning; a shop of
// rare orders does better with [Shop.SteadyThreshold] then.
//
// Rate 0 means 20, confidence 0 means 0.95. Errors: [ErrValue] for a statistic
// that is NaN or positive, or a rate outside (0, 1000). To state a rate that
// was not also chosen on, choose on some instants and use [FalseAlarms] on
// others.
func Choose(past []Past, rate, confidence float64) (Threshold, error) {
	if rate == 0 {
		rate = defaultRate
	}
	if !(rate > 0 && rate < 1000) {
		return Threshold{}, fmt.Errorf("choose threshold: rate %v per 1,000: %w", rate, ErrValue)
	}
	var kept []Past
	for i, p := range past {
		if !(p.Statistic <= 0 && p.Before <= 0) {
			return Threshold{}, fmt.Errorf("choose threshold: statistics %d are %v and %v: %w", i, p.Before, p.Statistic, ErrValue)
		}
		if !p.Churned {
			kept = append(kept, p)
		}
	}
	t := Threshold{Stated: rate, Instants: len(kept)}
	if allowed := rate / 1000 * float64(len(kept)); allowed >= leastAlarms {
		t.Value = cutRuns(kept, int(allowed+1e-9))
	} else {
		t.Value = NormalThreshold(rate)
		t.Warnings = append(t.Warnings, fmt.Sprintf("%d instants without churn are too few: threshold from normal theory", len(kept)))
	}
	t.Achieved = FalseAlarms(past, t.Value, confidence)
	return t, nil
}

// cutRuns returns the largest value at and below which at most allowed runs of
// alarms begin. A run begins where the statistic is at most the value and the
// one before is not, so as many begin as statistics reach it less as many pairs
// have both reach it.
func cutRuns(kept []Past, allowed int) float64 {
	alarms, pairs := make([]float64, len(kept)), make([]float64, len(kept))
	for i, p := range kept {
		alarms[i], pairs[i] = p.Statistic, math.Max(p.Statistic, p.Before)
	}
	slices.Sort(alarms)
	slices.Sort(pairs)
	going := 0 // pairs that reach alarms[i]
	for i := 0; i < len(alarms); {
		value, next := alarms[i], i
		for next < len(alarms) && alarms[next] == value {
			next++
		}
		for going < len(pairs) && pairs[going] <= value {
			going++
		}
		if next-going > allowed {
			if i == 0 {
				return math.Nextafter(value, math.Inf(-1))
			}
			return (alarms[i-1] + value) / 2
		}
		i = next
	}
	return alarms[len(alarms)-1]
}

// cut returns a value that at most allowed of the statistics do not exceed.
func cut(statistics []float64, allowed int) float64 {
	slices.Sort(statistics)
	for allowed > 0 && allowed < len(statistics) && statistics[allowed-1] == statistics[allowed] {
		allowed--
	}
	if allowed == 0 {
		return math.Nextafter(statistics[0], math.Inf(-1))
	}
	if allowed >= len(statistics) {
		return statistics[len(statistics)-1]
	}
	return (statistics[allowed-1] + statistics[allowed]) / 2
}

// alarms says whether a run of alarms begins here.
func (p Past) alarms(threshold float64) bool {
	return reaches(p.Statistic, threshold) && !reaches(p.Before, threshold)
}

// reaches says whether a statistic is an alarm. A threshold that is not
// negative would flag people who are not below twice.
func reaches(statistic, threshold float64) bool { return statistic < 0 && statistic <= threshold }

// FalseAlarms returns how many runs of alarms per 1,000 customers and cycle
// began at a threshold without being followed by churn, with the interval described at [Choose].
func FalseAlarms(past []Past, threshold, confidence float64) estimate.Estimate {
	if confidence == 0 {
		confidence = defaultConfidence
	}
	kept := make([]Past, 0, len(past))
	hits := 0.0
	for _, p := range past {
		if !p.Churned {
			kept = append(kept, p)
			if p.alarms(threshold) {
				hits++
			}
		}
	}
	if len(kept) == 0 {
		return estimate.Estimate{High: 1000, Confidence: confidence}.Warn("no instant without churn")
	}
	n := float64(len(kept))
	share := hits / n
	slices.SortStableFunc(kept, func(a, b Past) int { return a.Customer - b.Customer })
	var squares float64
	customers := 0
	for i := 0; i < len(kept); {
		customer, sum := kept[i].Customer, 0.0
		for ; i < len(kept) && kept[i].Customer == customer; i++ {
			if kept[i].alarms(threshold) {
				sum++
			}
			sum -= share
		}
		squares += sum * sum
		customers++
	}
	effect := 1.0
	if hits > 0 && hits < n {
		effect = math.Max(1, squares/(n*share*(1-share)))
	}
	e := evaluate.Wilson(share, n/effect, confidence)
	return estimate.Estimate{
		Value: 1000 * e.Value, Low: 1000 * e.Low, High: 1000 * e.High, StandardError: 1000 * e.StandardError,
		Confidence: confidence, N: customers,
	}
}

// NormalThreshold returns the threshold that steady customers fall below at the
// stated rate per 1,000 if both cycles were independent standard normal:
//
//	P(Z1 < 0, Z2 < 0, (Z1 + Z2)/sqrt(2) <= t) = rate / 1000
//
// It serves shops without history. Rate 0 means 20; from 250 on, which is the
// chance of being below twice, the value is 0 and flags nobody.
func NormalThreshold(rate float64) float64 {
	if rate == 0 {
		rate = defaultRate
	}
	low, high := -40.0, 0.0
	if rate/1000 >= belowTwice(high) {
		return 0
	}
	for range 100 {
		mid := (low + high) / 2
		if belowTwice(mid) > rate/1000 {
			high = mid
		} else {
			low = mid
		}
	}
	return low
}

// belowTwice returns P(Z1 < 0, Z2 < 0, Z1 + Z2 <= t sqrt(2)) by Simpson's rule
// over the first, split where the condition on the second changes.
func belowTwice(t float64) float64 {
	bound := t * math.Sqrt2
	density := func(x float64) float64 {
		second := math.Min(0, bound-x)
		return math.Exp(-x*x/2) / math.Sqrt(2*math.Pi) * math.Erfc(-second/math.Sqrt2) / 2
	}
	return simpson(density, math.Min(bound, -10)-10, bound) + simpson(density, bound, 0)
}

// simpson integrates f over [a, b] on 2,000 panels.
func simpson(f func(float64) float64, a, b float64) float64 {
	const panels = 2000
	h := (b - a) / panels
	sum := f(a) + f(b)
	for i := 1; i < panels; i++ {
		if i%2 == 1 {
			sum += 4 * f(a+float64(i)*h)
		} else {
			sum += 2 * f(a+float64(i)*h)
		}
	}
	return sum * h / 3
}
