package evaluate

import (
	"fmt"
	"math"
	"slices"

	"github.com/churnwatch/churnwatch/model/estimate"
)

// leastGap is the shortest silence, in days, after which a customer without a
// contract counts as gone.
const leastGap = 30

// ChurnMoment returns the day on which a customer without a contract left:
// the last order plus the customer's usual gap between orders, at least 30
// days, all in days. A NaN gap (fewer than two orders) counts as 30. For
// contracts the moment is the notice instead.
func ChurnMoment(lastOrder, usualGap float64) float64 {
	if !(usualGap > leastGap) {
		usualGap = leastGap
	}
	return lastOrder + usualGap
}

// Alarms is what was said about one customer at successive instants.
type Alarms struct {
	// Instant is the days on which the customer was judged, strictly ascending.
	Instant []float64
	// Alarm says whether the customer was flagged at that instant.
	Alarm []bool
	// Churn is the day on which the customer left, NaN if not known to have.
	Churn float64
	// Until is the day up to which outcomes are known.
	Until float64
}

// FirstOfRun returns the first day of the unbroken run of alarms that reaches
// the churn moment: the last instant before Churn must be an alarm, and the
// run goes back from it as long as alarms do. ok is false without such a run.
func (a Alarms) FirstOfRun() (day float64, ok bool) {
	for i, instant := range a.Instant {
		if !(instant < a.Churn) {
			break
		}
		switch {
		case !a.Alarm[i]:
			ok = false
		case !ok:
			day, ok = instant, true
		}
	}
	return day, ok
}

// LeadTime says how early alarms came, and how often for nothing.
type LeadTime struct {
	// Median, P25 and P75 are days from the first alarm of the run to the churn
	// moment, over churned customers whose run reaches it. All are zero, with a
	// warning on Median, when there is none.
	Median estimate.Estimate `json:"median"`
	P25    float64           `json:"p25"`
	P75    float64           `json:"p75"`
	// FlaggedShare is the share of churned customers with such a run.
	FlaggedShare estimate.Estimate `json:"flagged_share"`
	// Precision is the share of decided runs that were followed by churn.
	Precision estimate.Estimate `json:"precision"`
	Churned   int               `json:"churned"`
	Flagged   int               `json:"flagged"`
	Runs      int               `json:"runs"`
	FalseRuns int               `json:"false_runs"`
}

// LeadTimes measures alarms against churn moments, one entry per customer.
//
// The lead time of a churned customer is Churn minus [Alarms.FirstOfRun].
// Instants at or after Churn are ignored, and customers who were never judged
// before their churn do not count as churned. A run of alarms from day s to
// day e is followed by churn if s < Churn <= e + horizon; it is false if not,
// and undecided, so not counted, while e + horizon is after Until. The median
// has the order-statistic interval (ranks n/2 -+ z sqrt(n)/2), the shares have
// Wilson's. Horizon is in days and positive; confidence 0 means 0.95. Errors:
// [ErrShape], [ErrValue].
func LeadTimes(customers []Alarms, horizon, confidence float64) (LeadTime, error) {
	if !(horizon > 0) {
		return LeadTime{}, fmt.Errorf("lead times: horizon %v days: %w", horizon, ErrValue)
	}
	var out LeadTime
	var leads []float64
	for i, a := range customers {
		if err := a.check(); err != nil {
			return LeadTime{}, fmt.Errorf("lead times: customer %d: %w", i, err)
		}
		if len(a.Instant) == 0 {
			continue
		}
		if a.Instant[0] < a.Churn {
			out.Churned++
			if first, ok := a.FirstOfRun(); ok {
				leads = append(leads, a.Churn-first)
			}
		}
		runs, falseRuns := a.runs(horizon)
		out.Runs += runs
		out.FalseRuns += falseRuns
	}
	out.Flagged = len(leads)
	confidence = orDefault(confidence)
	out.FlaggedShare = Proportion(out.Flagged, out.Churned, confidence)
	out.Precision = Proportion(out.Runs-out.FalseRuns, out.Runs, confidence)
	out.Median = estimate.Estimate{Confidence: confidence}.Warn("no churned customer was flagged before leaving")
	if len(leads) > 0 {
		slices.Sort(leads)
		out.Median = median(leads, confidence)
		out.P25, out.P75 = quantile(leads, 0.25), quantile(leads, 0.75)
	}
	return out, nil
}

// check verifies that instants ascend and fit the alarms.
func (a Alarms) check() error {
	if len(a.Instant) != len(a.Alarm) {
		return fmt.Errorf("%d instants, %d alarms: %w", len(a.Instant), len(a.Alarm), ErrShape)
	}
	for i, instant := range a.Instant {
		if math.IsNaN(instant) || i > 0 && instant <= a.Instant[i-1] {
			return fmt.Errorf("instant %d is %v, not after the one before: %w", i, instant, ErrValue)
		}
	}
	return nil
}

// runs counts decided runs of alarms before the churn moment, and those that
// no churn followed.
func (a Alarms) runs(horizon float64) (decided, wrong int) {
	for i := 0; i < len(a.Instant); i++ {
		if !a.Alarm[i] || a.Instant[i] >= a.Churn {
			continue
		}
		start := i
		for i+1 < len(a.Instant) && a.Alarm[i+1] && !(a.Instant[i+1] >= a.Churn) {
			i++
		}
		followed := a.Churn > a.Instant[start] && a.Churn <= a.Instant[i]+horizon
		switch {
		case followed:
			decided++
		case a.Instant[i]+horizon <= a.Until:
			decided++
			wrong++
		}
	}
	return decided, wrong
}

// median returns the median of ascending values with the interval between two
// order statistics; with few values these are the extremes, and a warning says
// that the interval's confidence is not reached.
func median(sorted []float64, confidence float64) estimate.Estimate {
	n := len(sorted)
	z := estimate.Quantile(confidence)
	reach := z * math.Sqrt(float64(n)) / 2
	low := int(math.Floor(float64(n)/2 - reach))
	high := int(math.Ceil(float64(n)/2+reach)) - 1
	e := estimate.Estimate{Value: quantile(sorted, 0.5), Confidence: confidence, N: n}
	if low < 0 || high >= n {
		e = e.Warn(fmt.Sprintf("median of %d values: the interval is their range", n))
	}
	e.Low, e.High = sorted[max(low, 0)], sorted[min(high, n-1)]
	e.StandardError = (e.High - e.Low) / (2 * z)
	return e
}
