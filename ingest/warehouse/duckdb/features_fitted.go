package duckdb

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/churnwatch/churnwatch/model"
)

// satisfactionView holds the fitted parameters of the satisfaction index.
type satisfactionView struct {
	Offsets      []offsetView
	HalfLife     float64
	Mean, Within float64
	PriorAnswers float64
	// Dimension is the profile column of Cohorts, "" where there are none.
	Dimension string
	Cohorts   []cohortMeanView
	// Rest is what those of no such cohort are drawn to.
	Rest float64
}

// cohortMeanView is what the index of a cohort's customers is drawn to.
type cohortMeanView struct {
	Name string
	Mean float64
}

// offsetView is what one kind of answer counts too high.
type offsetView struct {
	Kind   string
	Points float64
}

func satisfactionViewOf(p model.SatisfactionParameters) (satisfactionView, error) {
	v := satisfactionView{HalfLife: max(p.HalfLifeDays, 0), Mean: p.Mean, Within: p.Within, PriorAnswers: p.PriorAnswers, Rest: p.Mean}
	for _, kind := range slices.Sorted(maps.Keys(p.Offset)) {
		v.Offsets = append(v.Offsets, offsetView{kind, p.Offset[kind]})
	}
	if len(p.Cohorts) == 0 {
		return v, nil
	}
	if err := checkDimension(p.Dimension); err != nil {
		return v, err
	}
	v.Dimension = p.Dimension
	if p.Rest != nil {
		v.Rest = *p.Rest
	}
	for _, name := range slices.Sorted(maps.Keys(p.Cohorts)) {
		v.Cohorts = append(v.Cohorts, cohortMeanView{name, p.Cohorts[name]})
	}
	return v, nil
}

// The cycles of model/drift: a baseline, then the two that are judged.
const (
	driftBaseline = 6
	driftCycles   = driftBaseline + 2
	// defaultCycle is the length in days of a cycle where none is given.
	defaultCycle = 30
	// defaultDepth is the normal quantile that one cycle in ten falls below.
	defaultDepth = 1.2816
)

// driftView holds the windows and the fitted parameters of drift.
type driftView struct {
	CycleMicros              int64
	Cycles                   []cycleView
	Judgements               []judgementView
	AnswerSpans              []answerSpanView
	DeclineSpans             []answerSpanView
	AnswersSince             time.Time
	Rhythms                  []rhythmView
	CycleDays                float64
	Level, Prior, Dispersion float64
	Gap                      float64
	GapPrior, GapDispersion  float64
	FirstShift, SecondShift  float64
	Threshold, Depth         float64
	RhythmThreshold          float64
	SatisfactionThreshold    float64
	// AnswerWithin and AnswerPrior are the variance of an answer and the weight
	// of the mean in a level as drift takes them.
	AnswerWithin, AnswerPrior float64
}

// cycleView is one cycle [From, To).
type cycleView struct {
	Name     string
	From, To time.Time
}

// judgementView is a pair of cycles that are judged against the baseline
// before them. Behind counts the cycles from the first judged one on.
type judgementView struct {
	Baseline, Levels, Signal string
	First, Second            string
	Behind, Most             int
	Spans                    []baselineView
	FirstMovement            float64
	SecondMovement           float64
	BothMovement             float64
}

// baselineView is a baseline of Length cycles: their names, oldest first, and
// the shop's movement in them.
type baselineView struct {
	Length   int
	Cycles   []string
	Movement float64
}

// answerSpanView is a span whose answers are averaged, and the names of the
// columns with their number, sums, mean and variance.
type answerSpanView struct {
	Count, Mean, Sum, Squares, Variance string
	From, To                            time.Time
}

func driftViewOf(asOf time.Time, p model.DriftParameters, answers model.SatisfactionParameters) driftView {
	cycle := cycleLength(p.CycleDays)
	v := driftView{
		CycleMicros: cycle.Microseconds(), Level: p.Level, Prior: p.Prior, Dispersion: p.Dispersion,
		FirstShift: p.Shift[0], SecondShift: p.Shift[1], Threshold: p.Threshold, Depth: p.Depth,
		Cycles: cyclesBefore(asOf, cycle), AnswerSpans: answerSpans(asOf, cycle),
		DeclineSpans: declineSpans(asOf), AnswersSince: asOf.Add(-driftCycles * cycle),
		CycleDays: model.Days(cycle), Rhythms: rhythmsOf(asOf, cycle, p.Movement),
		Gap: p.Gap, GapPrior: p.GapPrior, GapDispersion: p.GapDispersion,
		RhythmThreshold: cmp.Or(p.RhythmThreshold, p.Threshold), SatisfactionThreshold: cmp.Or(p.SatisfactionThreshold, p.Threshold),
		AnswerWithin: answers.Within * cmp.Or(p.AnswerDispersion, 1), AnswerPrior: answers.PriorAnswers * cmp.Or(p.AnswerDispersion, 1),
	}
	if v.Depth == 0 {
		v.Depth = defaultDepth
	}
	v.Judgements = []judgementView{
		judgementOf("order", p.Movement, driftCycles-2),
		judgementOf("earlier", p.Movement, driftCycles-3),
	}
	return v
}

func cycleLength(days int) time.Duration {
	if days <= 0 {
		days = defaultCycle
	}
	return time.Duration(days) * model.Day
}

// cyclesBefore returns the eight cycles that end at asOf, oldest first.
func cyclesBefore(asOf time.Time, length time.Duration) []cycleView {
	out := make([]cycleView, driftCycles)
	for i := range out {
		from := asOf.Add(length * time.Duration(i-driftCycles))
		out[i] = cycleView{Name: cycleName(i), From: from, To: from.Add(length)}
	}
	return out
}

func cycleName(i int) string { return fmt.Sprintf("orders_%d", i+1) }

// answerSpans returns the spans of satisfaction: the baseline, the older and
// the newer cycle.
func answerSpans(asOf time.Time, length time.Duration) []answerSpanView {
	start, older, newer := asOf.Add(-driftCycles*length), asOf.Add(-2*length), asOf.Add(-length)
	span := func(name string, from, to time.Time) answerSpanView {
		return answerSpanView{
			Count: name + "_count", Mean: name + "_mean", Sum: name + "_sum", Squares: name + "_squares",
			Variance: name + "_variance", From: from, To: to,
		}
	}
	return []answerSpanView{span("own", start, older), span("older", older, newer), span("newer", newer, asOf)}
}

// judgementOf judges the cycles at positions first and first+1 (from 0)
// against those before them.
func judgementOf(name string, movement [driftCycles]float64, first int) judgementView {
	j := judgementView{
		Baseline: name + "_baselines", Levels: name + "_levels", Signal: name + "_signal",
		First: cycleName(first), Second: cycleName(first + 1),
		Behind: driftCycles - first, Most: first,
		FirstMovement: movement[first], SecondMovement: movement[first+1],
		BothMovement: movement[first] + movement[first+1],
	}
	for length := 1; length <= first; length++ {
		span := baselineView{Length: length}
		for c := first - length; c < first; c++ {
			span.Cycles = append(span.Cycles, cycleName(c))
			span.Movement += movement[c]
		}
		j.Spans = append(j.Spans, span)
	}
	return j
}
