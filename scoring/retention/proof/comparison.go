package proof

import (
	"fmt"
	"math"
	"strings"

	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/model/experiment"
)

// comparison is a question to some cells of an experiment.
type comparison struct {
	design  model.ExperimentDesign
	ratio   experiment.Ratio
	measure model.ExperimentMeasure
	part    part
	treated model.ExperimentShare
	alpha   float64
	least   float64
}

// tally is what is counted of an arm.
type tally struct {
	assigned int
	sum      model.ExperimentOutcome
}

func (c comparison) tally(cells []model.ExperimentCell, variant string) (t tally) {
	for _, cell := range cells {
		if cell.Variant != variant || !c.part.holds(cell) {
			continue
		}
		o := cell.Outcomes[c.measure]
		t.assigned += cell.Assigned
		t.sum.Customers, t.sum.Found, t.sum.Without = t.sum.Customers+o.Customers, t.sum.Found+o.Found, t.sum.Without+o.Without
		t.sum.Raw, t.sum.Sum, t.sum.Squares = t.sum.Raw+o.Raw, t.sum.Sum+o.Sum, t.sum.Squares+o.Squares
	}
	return t
}

// arm is what the tally says of the measure.
func (c comparison) arm(t tally) experiment.Arm {
	if c.measure == model.MeasureRevenue {
		return experiment.Amount(t.sum.Customers, t.sum.Found, t.sum.Sum, t.sum.Squares)
	}
	return experiment.Proportion(t.sum.Customers, t.sum.Found)
}

// judge compares the arms.
func (c comparison) judge(cells []model.ExperimentCell, q model.ExperimentQuery) (model.ExperimentComparison, error) {
	against := c.design.Variants[0]
	mine, theirs := c.tally(cells, c.treated.Name), c.tally(cells, against.Name)
	treated, control := c.arm(mine), c.arm(theirs)
	out := model.ExperimentComparison{
		Variant: c.treated.Name, Against: against.Name, Measure: c.measure, WindowDays: model.Days(windowOf(c.measure, q)),
		Decides: c.measure == c.design.Measure && c.part.kind == everyone, Part: c.part.kind, Of: c.part.of,
		Assigned: mine.assigned + theirs.assigned, Customers: treated.N, ControlCustomers: control.N, Error: c.alpha,
	}
	out.Without = mine.sum.Without + theirs.sum.Without
	out.Waiting = out.Assigned - treated.N - control.N - out.Without
	if treated.N > 0 {
		out.Value = &treated.Mean
	}
	if control.N > 0 {
		out.ControlValue = &control.Mean
	}
	least := c.least
	if c.measure == model.MeasureRevenue {
		least *= math.Abs(experiment.Together(control, treated).Mean)
	}
	if !(least > 0) || !(against.Share > 0) || !(c.treated.Share > 0) { // Nobody spends, or an arm gets nobody.
		out.Verdict = string(experiment.NoData)
		out.Says = c.says(out, false)
		return out, nil
	}
	answer, err := experiment.Judge(experiment.Question{
		Plan:  experiment.Plan{Least: least, Power: Power, ControlShare: against.Share / (against.Share + c.treated.Share)},
		Alpha: c.alpha, Amount: c.measure == model.MeasureRevenue, Ratio: c.ratio,
	}, control, treated)
	if err != nil {
		return out, err
	}
	out.Difference, out.Relative, out.Verdict, out.Needs = answer.Difference, answer.Relative, string(answer.Verdict), answer.Need
	if c.design.Ended != nil {
		out.Needs = nil
	}
	if out.Needs != nil {
		more := moreOf(out)
		out.More = &more
	}
	out.Says = c.says(out, answer.Excluded)
	return out, nil
}

// moreOf returns how many triggers of new customers a comparison needs beyond
// those assigned. Not all of them have an outcome: those who wait and those who
// come are taken to have one as often as those whose window is over.
func moreOf(r model.ExperimentComparison) int {
	known := float64(r.Customers + r.ControlCustomers)
	share := known / (known + float64(r.Without))
	return int(math.Ceil(max(0, (float64(*r.Needs)-known)/share-float64(r.Waiting))))
}

// says puts a comparison into words. One that ended says what it came to.
func (c comparison) says(r model.ExperimentComparison, excluded bool) string {
	if c.design.Ended == nil {
		return c.found(r, excluded)
	}
	text := "ended, " + c.found(r, excluded)
	if r.Waiting > 0 && r.Waiting < r.Assigned {
		text += fmt.Sprintf("; the window of %d is not over", r.Waiting)
	}
	return text
}

func (c comparison) found(r model.ExperimentComparison, excluded bool) string {
	switch experiment.Verdict(r.Verdict) {
	case experiment.ProvenBetter, experiment.ProvenWorse:
		word := "better"
		if r.Verdict == string(experiment.ProvenWorse) {
			word = "worse"
		}
		return fmt.Sprintf("%s is %s: %s", r.Variant, word, c.interval(r))
	case experiment.RatioBroken:
		return "the arms did not get their shares: no difference between them can be trusted"
	case experiment.NoData:
		switch {
		case r.Assigned > 0 && r.Waiting == r.Assigned:
			return fmt.Sprintf("%d assigned, no window is over", r.Assigned)
		case r.Without > 0 && r.Customers+r.ControlCustomers == 0:
			return fmt.Sprintf("%d assigned, and the window is over of %d who have no outcome: no contract ran", r.Assigned, r.Without)
		}
		return "nothing is known yet"
	case experiment.NotYetProvable:
	}
	var text strings.Builder
	if c.design.Ended != nil {
		text.WriteString("not proven")
	} else {
		text.WriteString("not yet provable")
	}
	switch {
	case r.More == nil:
	case *r.More > 0:
		fmt.Fprintf(&text, ", needs about %d more", rounded(*r.More))
	default:
		fmt.Fprintf(&text, ", needs the outcomes of about %d customers who are assigned already", rounded(max(1, *r.Needs-r.Customers-r.ControlCustomers)))
	}
	if excluded {
		fmt.Fprintf(&text, "; a gain of %s is ruled out", c.size(c.least))
	}
	if r.Difference != nil {
		text.WriteString("; so far " + c.interval(r))
	}
	return text.String()
}

// interval writes a difference with its bounds.
func (c comparison) interval(r model.ExperimentComparison) string {
	d := r.Difference
	if c.measure == model.MeasureRevenue {
		return fmt.Sprintf("%+.2f (%+.2f to %+.2f) a customer", d.Value, d.Low, d.High)
	}
	return fmt.Sprintf("%+.1f points (%+.1f to %+.1f)", 100*d.Value, 100*d.Low, 100*d.High)
}

func (c comparison) size(least float64) string {
	if c.measure == model.MeasureRevenue {
		return fmt.Sprintf("%g %%", 100*least)
	}
	return fmt.Sprintf("%g points", 100*least)
}

// saysRatio tells what the arms got.
func saysRatio(e model.Experiment) string {
	n := 0
	for _, a := range e.Arms {
		n += a.Assigned
	}
	parts := make([]string, len(e.Arms))
	for i, a := range e.Arms {
		parts[i] = fmt.Sprintf("%s has %.1f %% in place of %.1f", a.Variant, 100*float64(a.Assigned)/float64(max(n, 1)), 100*a.Share)
	}
	return strings.Join(parts, ", ") + " of the customers: find out why before believing any difference"
}
