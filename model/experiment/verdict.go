package experiment

import (
	"github.com/churnwatch/churnwatch/model/estimate"
)

// Verdict is what an experiment says about one comparison.
type Verdict string

// The verdicts.
const (
	ProvenBetter   Verdict = "proven_better"
	ProvenWorse    Verdict = "proven_worse"
	NotYetProvable Verdict = "not_yet_provable"
	// RatioBroken: the arms did not get their shares, so that no difference
	// between them can be trusted.
	RatioBroken Verdict = "sample_ratio_broken"
	NoData      Verdict = "no_data"
)

// Question is what is asked of two arms.
type Question struct {
	Plan

	// Alpha is the error of this comparison at all looks together.
	Alpha float64
	// Amount says that the outcome is no share: nothing but the arms tells what
	// to expect of it.
	Amount bool
	// Ratio is the check of the experiment's shares.
	Ratio Ratio
}

// Answer is what two arms say.
type Answer struct {
	Verdict Verdict
	// Difference is nil while the arms are too small.
	Difference *estimate.Estimate
	// Relative is the difference as a share of the control's mean, nil where it
	// has none.
	Relative *estimate.Estimate
	// Need is how many customers in all, with known outcomes, would likely prove
	// the least effect; nil once something is proven, and where nobody knows.
	Need *int
	// Excluded says that the interval leaves no room for an improvement of the
	// least effect.
	Excluded bool
}

// Judge compares two arms. Errors: those of [Tune].
func Judge(q Question, control, treated Arm) (Answer, error) {
	b, err := Tune(q.Alpha, q.Least, q.Power)
	if err != nil {
		return Answer{}, err
	}
	a := Answer{Verdict: NotYetProvable}
	n := control.N + treated.N
	if difference, ok := Compare(b, control, treated); ok {
		a.Difference = &difference
		if relative, ok := Relative(b, control, treated); ok {
			a.Relative = &relative
		}
	}
	switch {
	case q.Ratio.Broken:
		a.Verdict = RatioBroken
		return a, nil
	case n == 0:
		a.Verdict = NoData
		return a, nil
	case a.Difference != nil && a.Difference.Low > 0:
		a.Verdict = ProvenBetter
		return a, nil
	case a.Difference != nil && a.Difference.High < 0:
		a.Verdict = ProvenWorse
		return a, nil
	}
	a.Excluded = a.Difference != nil && a.Difference.High < q.Least
	if need := q.need(b, control, treated, a.Difference); need > n {
		a.Need = &need
	}
	return a, nil
}

// need is what was planned from all customers so far, and past that what the
// difference so far asks for.
func (q Question) need(b Boundary, control, treated Arm, difference *estimate.Estimate) int {
	all := Together(control, treated)
	need := -1
	switch {
	case !q.Amount:
		// One more of each kind keeps a rate of nobody from 0.
		rate := (all.Mean*float64(all.N) + 1) / float64(all.N+2)
		expected, least := q.Expect(rate)
		need = b.Need(q.Plan, expected, least)
	case all.Variance > 0:
		need = b.Need(q.Plan, all, all)
	}
	if need > all.N || difference == nil {
		return need
	}
	return b.NeedAfter(q.Plan, all.N, difference.Value, difference.StandardError)
}
