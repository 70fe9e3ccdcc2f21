package proof

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/model/experiment"
)

const (
	// Error is the probability that anything false is ever said of an experiment.
	Error = 0.05
	// Power is that with which an announced number proves the least effect.
	Power = 0.8
	// revenueCut is the quantile of amounts spent that revenue is cut to: a few
	// large orders decide nothing.
	revenueCut = 0.99
)

// The windows of the quick measures.
const (
	responseWindow   = 14 * model.Day
	conversionWindow = 14 * model.Day
	repeatWindow     = 30 * model.Day
)

// Query asks for what is known at an instant; randomised are the codes by which
// a trigger is eligible.
func Query(asOf time.Time, definition model.Definition, randomised []string) model.ExperimentQuery {
	return model.ExperimentQuery{
		AsOf: asOf, Definition: definition, Randomised: randomised,
		Response: responseWindow, Conversion: conversionWindow, Repeat: repeatWindow, Cap: revenueCut,
	}
}

// Report says what experiments have proven. Least is the least effect worth
// knowing: of shares as a difference, of revenue as a share of its mean.
func Report(designs []model.ExperimentDesign, cells model.ExperimentCells, q model.ExperimentQuery, least float64) (model.ExperimentReport, error) {
	out := model.ExperimentReport{
		AsOf: q.AsOf, DataEnd: cells.End, Error: Error, LeastEffect: least, Power: Power,
		Experiments: []model.Experiment{}, Warnings: []string{},
	}
	for _, d := range designs {
		e, err := judge(d, cells.Cells, q, least)
		if err != nil {
			return out, fmt.Errorf("experiment %s: %w", d.Name, err)
		}
		if e.SampleRatio != nil && e.SampleRatio.Broken {
			out.Warnings = append(out.Warnings, fmt.Sprintf("experiment %s: %s", d.Name, saysRatio(e)))
		}
		out.Experiments = append(out.Experiments, e)
	}
	return out, nil
}

// judge says what one experiment has proven.
func judge(d model.ExperimentDesign, all []model.ExperimentCell, q model.ExperimentQuery, least float64) (model.Experiment, error) {
	e := model.Experiment{ExperimentDesign: d, Arms: []model.ExperimentArm{}, Comparisons: []model.ExperimentComparison{}}
	var cells []model.ExperimentCell
	for _, c := range all {
		if c.Experiment == d.Name {
			cells = append(cells, c)
		}
	}
	for _, v := range d.Variants {
		e.Arms = append(e.Arms, model.ExperimentArm{Variant: v.Name, Share: v.Share, Assigned: assigned(cells, v.Name)})
	}
	ratio, err := ratioOf(&e)
	if err != nil || len(d.Variants) < 2 {
		return e, err
	}
	asked := questions(d, cells)
	for i := range asked {
		asked[i].ratio, asked[i].least = ratio, least
		compared, err := asked[i].judge(cells, q)
		if err != nil {
			return e, err
		}
		e.Comparisons = append(e.Comparisons, compared)
	}
	return e, nil
}

// questions are all comparisons of an experiment, with their parts of the error.
func questions(d model.ExperimentDesign, cells []model.ExperimentCell) (out []comparison) {
	parts, others := partsOf(d, cells), d.Variants[1:]
	for i, measure := range ordered(d.Measure) {
		for _, p := range parts {
			for _, v := range others {
				alpha := Error * measureWeight(i) * p.weight / float64(len(others))
				out = append(out, comparison{design: d, measure: measure, part: p, treated: v, alpha: alpha})
			}
		}
	}
	return out
}

// ordered are the measures, the one that decides first.
func ordered(decides model.ExperimentMeasure) []model.ExperimentMeasure {
	out := model.ExperimentMeasures()
	slices.SortStableFunc(out, func(a, b model.ExperimentMeasure) int { return cmp.Compare(rank(a, decides), rank(b, decides)) })
	return out
}

func rank(m, decides model.ExperimentMeasure) int {
	if m == decides {
		return 0
	}
	return 1
}

// measureWeight is the i-th measure's part of the error.
func measureWeight(i int) float64 {
	if i == 0 {
		return 0.5
	}
	return 0.5 / float64(len(model.ExperimentMeasures())-1)
}

// part is some of an experiment's customers, and its part of a measure's error.
type part struct {
	kind, of string
	weight   float64
	holds    func(model.ExperimentCell) bool
}

// The kinds of parts.
const (
	everyone   = "all"
	bySegment  = "segment"
	byPlaybook = "playbook"
)

// partsOf are all customers, those of a segment, and those whom a playbook
// brought in. Segments are the same ones always, and playbooks stand in the order
// in which they brought in their first customer, each with the error of its place:
// none takes another's when it appears. What is left is for those still to come.
func partsOf(d model.ExperimentDesign, cells []model.ExperimentCell) []part {
	out := []part{{everyone, "", 0.5, func(model.ExperimentCell) bool { return true }}}
	left := 0.5
	if d.Playbook == "" {
		left = 0.25
	}
	segments := append(words(model.AnswerGroups()), "")
	for _, segment := range segments {
		name := segment
		if name == "" {
			name = "unknown"
		}
		out = append(out, part{bySegment, name, left / float64(len(segments)), func(c model.ExperimentCell) bool { return c.Segment == segment }})
	}
	if d.Playbook != "" {
		return out
	}
	for i, p := range appeared(cells) {
		out = append(out, part{byPlaybook, p, left * experiment.Nth(i+1), func(c model.ExperimentCell) bool { return c.Playbook == p }})
	}
	return out
}

// appeared are the playbooks in the order of their first customers, then of
// their names. What comes later changes nothing of it.
func appeared(cells []model.ExperimentCell) []string {
	first := map[string]time.Time{}
	for _, c := range cells {
		if at, seen := first[c.Playbook]; !seen || c.First.Before(at) {
			first[c.Playbook] = c.First
		}
	}
	return slices.SortedFunc(maps.Keys(first), func(a, b string) int { return cmp.Or(first[a].Compare(first[b]), cmp.Compare(a, b)) })
}

func words(groups []model.AnswerGroup) []string {
	out := make([]string, len(groups))
	for i, g := range groups {
		out[i] = string(g)
	}
	return out
}

func assigned(cells []model.ExperimentCell, variant string) (n int) {
	for _, c := range cells {
		if c.Variant == variant {
			n += c.Assigned
		}
	}
	return n
}

// ratioOf checks an experiment's shares, where every arm has one.
func ratioOf(e *model.Experiment) (experiment.Ratio, error) {
	counts, shares := make([]int, len(e.Arms)), make([]float64, len(e.Arms))
	for i, a := range e.Arms {
		if !(a.Share > 0) {
			return experiment.Ratio{}, nil
		}
		counts[i], shares[i] = a.Assigned, a.Share
	}
	if len(counts) < 2 {
		return experiment.Ratio{}, nil
	}
	ratio, err := experiment.CheckRatio(counts, shares)
	if err == nil {
		e.SampleRatio = &model.SampleRatio{P: ratio.P, Broken: ratio.Broken}
	}
	return ratio, err
}

// windowOf is how long a customer is looked at.
func windowOf(m model.ExperimentMeasure, q model.ExperimentQuery) time.Duration {
	switch m {
	case model.MeasureResponse:
		return q.Response
	case model.MeasureConversion:
		return q.Conversion
	case model.MeasureRepeat:
		return q.Repeat
	case model.MeasureRetention, model.MeasureRevenue:
	}
	return q.Definition.Horizon
}

// Effect returns what retention changed of churn, by the holdout, false while
// the interval neither excludes no effect nor rules out a reduction of least, so
// that anything else is as likely, and where the arms did not get their shares.
// The interval spends the whole of [Error] on this one question.
func Effect(designs []model.ExperimentDesign, cells model.ExperimentCells, q model.ExperimentQuery, least float64) (model.MeasuredEffect, bool, error) {
	out := model.MeasuredEffect{AsOf: q.AsOf}
	i := slices.IndexFunc(designs, func(d model.ExperimentDesign) bool { return d.Name == model.HoldoutExperiment })
	if i < 0 {
		return out, false, nil
	}
	e := model.Experiment{}
	for _, v := range designs[i].Variants {
		held := slices.DeleteFunc(slices.Clone(cells.Cells), func(c model.ExperimentCell) bool { return c.Experiment != model.HoldoutExperiment })
		e.Arms = append(e.Arms, model.ExperimentArm{Variant: v.Name, Share: v.Share, Assigned: assigned(held, v.Name)})
	}
	ratio, err := ratioOf(&e)
	if err != nil || ratio.Broken {
		return out, false, err
	}
	control, treated := churned(cells.Cells, model.HeldOut), churned(cells.Cells, model.Treated)
	out.HeldOut, out.Treated = control.N, treated.N
	b, err := experiment.Tune(Error, least, Power)
	if err != nil {
		return out, false, err
	}
	difference, ok := experiment.Compare(b, control, treated)
	if !ok {
		return out, false, nil
	}
	out.Reduction = difference
	out.Reduction.Value, out.Reduction.Low, out.Reduction.High = -difference.Value, -difference.High, -difference.Low
	out.Proven = out.Reduction.Low > 0 || out.Reduction.High < 0
	if relative, ok := experiment.Relative(b, control, treated); ok {
		relative.Value, relative.Low, relative.High = -relative.Value, -relative.High, -relative.Low
		out.Relative = &relative
	}
	out.Contacts, out.ContactsCost = contacts(cells.Cells)
	return out, out.Proven || out.Reduction.High < least, nil
}

// contacts are the messages that treatment added, and what they cost.
func contacts(cells []model.ExperimentCell) (float64, *float64) {
	var control, treated model.ExperimentMessages
	for _, c := range cells {
		switch {
		case c.Experiment != model.HoldoutExperiment:
		case c.Variant == model.HeldOut:
			control = control.Add(c.Messages)
		default:
			treated = treated.Add(c.Messages)
		}
	}
	usual, usualCost := control.Mean()
	sent, cost := treated.Mean()
	if cost == nil || usualCost == nil {
		return max(sent-usual, 0), nil
	}
	more := max(*cost-*usualCost, 0)
	return max(sent-usual, 0), &more
}

// churned is the arm of the holdout by who churned.
func churned(cells []model.ExperimentCell, variant string) experiment.Arm {
	n, left := 0, 0
	for _, c := range cells {
		if c.Experiment == model.HoldoutExperiment && c.Variant == variant {
			o := c.Outcomes[model.MeasureRetention]
			n, left = n+o.Customers, left+o.Customers-o.Found
		}
	}
	return experiment.Proportion(n, left)
}

// rounded gives a number of customers two digits: it is an announcement.
func rounded(n int) int {
	if n < 100 {
		return n
	}
	unit := math.Pow(10, math.Floor(math.Log10(float64(n)))-1)
	return int(math.Ceil(float64(n)/unit) * unit)
}
