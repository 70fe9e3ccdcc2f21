package touchpoint

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/churnwatch/churnwatch/model/estimate"
	"github.com/churnwatch/churnwatch/model/hotspot"
	"github.com/churnwatch/churnwatch/model/painpoint"
)

// ErrShape says that slices that belong together differ in length, or that
// there are no rows.
var ErrShape = errors.New("slices do not fit together")

const (
	defaultConfidence = 0.95
	defaultLevel      = 0.10
	defaultLeast      = 10
)

// Rows are customers at cutoffs.
type Rows struct {
	Churned []bool
	// Customer numbers the customer of each row; his rows are one cluster.
	Customer []int
	// Weight is for how many a row stands, at least 0; nil is one each.
	Weight []float64
	// Activity and Recency are sets of columns that rows are adjusted for,
	// each as alternatives: where the first separates the outcomes, the next is
	// taken. Missing values must have been filled.
	Activity, Recency [][][]float64
}

// Moment is one column of what happened in the window before the cutoff.
type Moment struct {
	Name string
	// Happened counts, one a row. What counts is whether it is above 0.
	Happened []float64
	// Among, of a touchpoint, counts the answers there, low or not; nil for a
	// moment that is held against all rows.
	Among []float64
	// Recency adjusts for recency alone instead of activity; only without Among.
	Recency bool
}

// Options say how sure to be.
type Options struct {
	// Confidence of the intervals in (0, 1); 0 is 0.95.
	Confidence float64
	// Level is the false discovery rate in (0, 1); 0 is 0.10.
	Level float64
	// Least is the number of customers who churned after it, and of those who
	// stayed, that a moment must have; 0 is 10.
	Least int
}

// Association is how a moment goes with churn.
type Association struct {
	Name string
	// LogOdds is the difference of the log-odds of churn; only with Fitted.
	LogOdds estimate.Estimate
	Fitted  bool
	// Reason says why it was not fitted, "" where it was.
	Reason string
	// P is the two-sided p-value, Q the q-value in the family of all that were
	// fitted. Discovery says that Q is within the level.
	P, Q      float64
	Discovery bool
	// Events are the sum of the counts; Customers those with any.
	Events, Customers int
	// Rate is the share that churned of the rows where it happened, Others of
	// those that these are held against; NaN without rows.
	Rate, Others float64
	// Beside is the number of columns of activity or recency that it was
	// adjusted for, 0 for none; only with Fitted. Where the first alternative
	// did not stand a warning says so.
	Beside   int
	Warnings []string
}

// Rank fits every moment and returns them strongest first: discoveries that go
// with churn by the lower end of their interval, then discoveries that go with
// staying by the upper end, then the rest of the fitted by the size of their
// log-odds, then those that were not fitted; ties by name.
//
// Nil moments give none. A column of another length than the rows, or no rows,
// is [ErrShape]. Errors of a fit that no alternative of the columns stands are
// reported as the moment's reason, not as an error.
func Rank(rows Rows, moments []Moment, o Options) ([]Association, error) {
	o = o.withDefaults()
	if err := rows.check(moments); err != nil {
		return nil, fmt.Errorf("rank touchpoints: %w", err)
	}
	out := make([]Association, len(moments))
	var together []int
	for i, m := range moments {
		out[i] = rows.describe(m, o.Least)
		if m.Among != nil && out[i].Reason == "" {
			together = append(together, i)
		}
	}
	rows.fit(moments, together, out, o)
	for i, m := range moments {
		if m.Among == nil && out[i].Reason == "" {
			rows.fit(moments, []int{i}, out, o)
		}
	}
	if err := adjust(out, o.Level); err != nil {
		return nil, fmt.Errorf("rank touchpoints: %w", err)
	}
	slices.SortStableFunc(out, strongest)
	return out, nil
}

func (o Options) withDefaults() Options {
	o.Confidence = cmp.Or(o.Confidence, defaultConfidence)
	o.Level = cmp.Or(o.Level, defaultLevel)
	o.Least = cmp.Or(o.Least, defaultLeast)
	return o
}

func (r Rows) check(moments []Moment) error {
	n := len(r.Churned)
	if n == 0 || len(r.Customer) != n || r.Weight != nil && len(r.Weight) != n {
		return fmt.Errorf("%d customers, %d weights for %d rows: %w", len(r.Customer), len(r.Weight), n, ErrShape)
	}
	for _, m := range moments {
		if len(m.Happened) != n || m.Among != nil && len(m.Among) != n {
			return fmt.Errorf("%s: %d and %d values for %d rows: %w", m.Name, len(m.Happened), len(m.Among), n, ErrShape)
		}
	}
	return nil
}

// describe counts a moment, and says if it is too rare to be fitted.
func (r Rows) describe(m Moment, least int) Association {
	a := Association{Name: m.Name}
	customers, lost, kept := map[int]bool{}, map[int]bool{}, map[int]bool{}
	var churned, counted [2]float64 // weights without it, with it
	without := 0
	for i, n := range m.Happened {
		if m.Among != nil && m.Among[i] <= 0 {
			continue
		}
		with := 0
		if n > 0 {
			with = 1
			a.Events += int(math.Round(n))
			customers[r.Customer[i]] = true
			if r.Churned[i] {
				lost[r.Customer[i]] = true
			} else {
				kept[r.Customer[i]] = true
			}
		}
		weight := 1.0
		if r.Weight != nil {
			weight = r.Weight[i]
		}
		without += 1 - with
		counted[with] += weight
		if r.Churned[i] {
			churned[with] += weight
		}
	}
	a.Customers, a.Rate, a.Others = len(customers), churned[1]/counted[1], churned[0]/counted[0]
	switch {
	case len(lost) < least || len(kept) < least:
		a.Reason = fmt.Sprintf("%d customers churned after it and %d stayed, need %d of each", len(lost), len(kept), least)
	case without < least:
		a.Reason = fmt.Sprintf("%d rows without it to compare with, need %d", without, least)
	}
	return a
}

// fit fits the moments at some places together.
func (r Rows) fit(moments []Moment, places []int, out []Association, o Options) {
	if len(places) == 0 {
		return
	}
	l := painpoint.Labels{Churned: r.Churned, Customer: r.Customer, Weight: r.Weight}
	var answered [][]float64
	beside := r.Activity
	for _, at := range places {
		m := moments[at]
		l.Detectors = append(l.Detectors, painpoint.Detector{Name: m.Name, Count: marked(m.Happened)})
		if m.Among != nil {
			answered = append(answered, marked(m.Among))
		} else if m.Recency {
			beside = r.Recency
		}
	}
	if len(beside) == 0 {
		beside = [][][]float64{nil}
	}
	var weights []painpoint.ChurnWeight
	var stood int
	var err error
	for i, columns := range beside {
		l.Controls = slices.Concat(columns, answered)
		if weights, err = painpoint.FitChurn(l, painpoint.Options{Confidence: o.Confidence}); err == nil {
			stood = i
			break
		}
	}
	for k, at := range places {
		switch {
		case err != nil:
			out[at].Reason = err.Error()
		case weights[k].Dropped:
			out[at].Reason = strings.Join(weights[k].Warnings, "; ")
		case !(weights[k].LogOdds.StandardError > 0):
			out[at].Reason = "its error can't be told"
		default:
			out[at].LogOdds, out[at].Fitted, out[at].Warnings = weights[k].LogOdds, true, weights[k].Warnings
			out[at].Beside = len(beside[stood])
			if stood > 0 {
				out[at].Warnings = append(out[at].Warnings, fmt.Sprintf(
					"held beside %d columns of activity: the fit beside %d did not stand", len(beside[stood]), len(beside[0])))
			}
		}
	}
}

// marked returns 1 where a count is above 0.
func marked(counts []float64) []float64 {
	out := make([]float64, len(counts))
	for i, n := range counts {
		if n > 0 {
			out[i] = 1
		}
	}
	return out
}

// adjust gives the fitted their p- and q-values.
func adjust(all []Association, level float64) error {
	var places []int
	var logs []float64
	for i, a := range all {
		if a.Fitted {
			places, logs = append(places, i), append(logs, logP(a.LogOdds.Value/a.LogOdds.StandardError))
		}
	}
	q, err := hotspot.Adjust(logs)
	if err != nil {
		return err
	}
	for k, at := range places {
		all[at].P, all[at].Q = math.Exp(logs[k]), q[k]
		all[at].Discovery = q[k] <= level
	}
	return nil
}

// logP is the log of P(|Z| >= |z|) of a standard normal; far out by the first
// term of its asymptotic series (Abramowitz and Stegun 1964, 26.2.12).
func logP(z float64) float64 {
	z = math.Abs(z)
	if z < 30 {
		return math.Log(math.Erfc(z / math.Sqrt2))
	}
	return -z*z/2 - math.Log(z) + math.Log(2/math.Pi)/2
}

// strongest orders as Rank says.
func strongest(a, b Association) int {
	return cmp.Or(
		cmp.Compare(a.class(), b.class()),
		-cmp.Compare(a.strength(), b.strength()),
		cmp.Compare(a.Name, b.Name),
	)
}

func (a Association) class() int {
	switch {
	case !a.Fitted:
		return 3
	case !a.Discovery:
		return 2
	case a.LogOdds.Value < 0:
		return 1
	}
	return 0
}

// strength is the end of the interval that is nearer to none for a discovery,
// the size otherwise.
func (a Association) strength() float64 {
	switch a.class() {
	case 0:
		return a.LogOdds.Low
	case 1:
		return -a.LogOdds.High
	case 2:
		return math.Abs(a.LogOdds.Value)
	}
	return float64(a.Customers)
}
