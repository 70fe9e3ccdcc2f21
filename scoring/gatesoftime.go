package scoring

import (
	"fmt"
	"math"
	"time"

	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/model/quality"
)

// judgedKinds are the kinds whose rhythm is judged.
func judgedKinds() []model.FactKind {
	return []model.FactKind{model.Orders, model.Contracts, model.Responses, model.Tickets, model.Events}
}

// timing judges when facts happened: freshness, gaps, volume and history.
func (g *gatekeeper) timing() {
	for _, kind := range judgedKinds() {
		days := g.days(kind)
		if len(days.on) == 0 {
			continue
		}
		g.freshness(kind, days)
		if kind == labelKind(g.definition.Kind) {
			g.clock(kind, days)
			g.gaps(kind, days)
			g.history(kind, days)
		}
		g.volume(kind, days)
	}
	if len(g.days(labelKind(g.definition.Kind)).on) == 0 {
		g.add(missing("history", labelKind(g.definition.Kind), "no %s are known: labels need them", spoken(labelKind(g.definition.Kind))))
	}
}

// dayCounts are the days with facts of a kind, ascending, numbered so that 0
// is the day that begins at the instant.
type dayCounts struct {
	on            []int
	all, counting []float64
}

func (g *gatekeeper) days(kind model.FactKind) (out dayCounts) {
	for _, d := range g.facts.Days {
		if d.Kind == kind {
			out.on = append(out.on, int(math.Floor(model.Days(d.Day.Sub(g.asOf)))))
			out.all = append(out.all, float64(d.Facts))
			out.counting = append(out.counting, float64(d.Counting))
		}
	}
	return out
}

func (d dayCounts) newest() int { return d.on[len(d.on)-1] }

func (d dayCounts) total() (n float64) {
	for _, v := range d.all {
		n += v
	}
	return n
}

// since returns the days from a number on.
func (d dayCounts) since(day int) []int {
	for i, on := range d.on {
		if on >= day {
			return d.on[i:]
		}
	}
	return nil
}

// date names a day.
func (g *gatekeeper) date(day int) string {
	return g.asOf.Add(time.Duration(day) * model.Day).Format(time.DateOnly)
}

// freshness compares the age of the newest fact with the kind's usual gaps.
func (g *gatekeeper) freshness(kind model.FactKind, days dayCounts) {
	rhythm, err := quality.NewRhythm(days.since(days.newest() - 400))
	if err != nil || rhythm.Usual == 0 {
		g.add(missing("freshness", kind, "%s came on %d days: too few to know their rhythm", spoken(kind), len(days.on)))
		return
	}
	age := float64(max(0, -1-days.newest()))
	warn := max(leastStaleDays, g.limits.StaleWarn*rhythm.Usual)
	refuse := max(leastRefusedDays, g.limits.StaleRefuse*rhythm.Usual)
	isLabel := kind == labelKind(g.definition.Kind)
	if isLabel { // What counts is how many labels an early end turns wrong.
		refuse = never()
	}
	gate := measured("freshness", kind, "", "days", age, warn, refuse)
	if risk := g.atRisk(age); isLabel && gate.Status == model.Yellow && risk >= g.limits.LabelsAtRisk {
		gate.Status = model.Red
	}
	gate.Message = fmt.Sprintf("the newest of the %s are of %s, %.0f whole %s without any up to %s; they usually come within %.0f",
		spoken(kind), g.date(days.newest()), age, plural(int(age), "day"), g.asOf.Format(time.DateOnly), rhythm.Usual)
	if gate.Status != model.Green {
		gate.Message += ": import what is missing, or score and train as of an earlier day"
	}
	g.add(gate)
}

// atRisk is the share of labels that days without facts may turn wrong: none
// where a contract runs on until a notice says otherwise.
func (g *gatekeeper) atRisk(days float64) float64 {
	if g.definition.Kind == model.Cancellation {
		return 0
	}
	return g.kept * min(1, days/model.Days(g.definition.Horizon))
}

// clock compares the data with the clock.
func (g *gatekeeper) clock(kind model.FactKind, days dayCounts) {
	if g.strays != nil {
		gate := measured("future", kind, "", "share", g.strays.share(), 0, never())
		gate.Status = model.Red
		gate.Message = g.strays.moved() + ": " + g.strays.advice()
		g.add(gate)
		return
	}
	today := int(math.Floor(model.Days(g.now.Sub(g.asOf))))
	late := 0.0
	for i, on := range days.on {
		if on > today+1 {
			late += days.all[i]
		}
	}
	if late > 0 {
		share := late / days.total()
		gate := measured("future", kind, "", "share", share, 0, never())
		gate.Message = fmt.Sprintf("%s of the %s are dated after today (%s): check their dates, and the clock of this machine",
			percents(share), spoken(kind), g.now.Format(time.DateOnly))
		g.add(gate)
		return
	}
	age := float64(max(0, today-days.newest()))
	gate := measured("age", kind, "", "days", age, g.limits.MaxAgeDays, never())
	gate.Message = fmt.Sprintf("the newest of the %s are %.0f days old by the clock", spoken(kind), age)
	if gate.Status != model.Green {
		gate.Message += fmt.Sprintf(": what is said holds for %s, not for today", g.asOf.Format(time.DateOnly))
	}
	g.add(gate)
}

// unusualGap is how many usual gaps make an unusual one, at least two weeks.
const unusualGap = 5

// gaps looks for days without facts within the span that is trained on.
func (g *gatekeeper) gaps(kind model.FactKind, days dayCounts) {
	span := days.since(-int(g.training / model.Day))
	rhythm, err := quality.NewRhythm(span)
	if err != nil {
		g.add(missing("gaps", kind, "%s came on %d days: too few to know their rhythm", spoken(kind), len(span)))
		return
	}
	least := max(14, unusualGap*rhythm.Usual)
	found := quality.Unusual(span, least)
	gate := measured("gaps", kind, "", "days", float64(rhythm.Longest.Days()), least, never())
	gate.Status = model.Green
	gate.Message = fmt.Sprintf("the longest time without %s is %d days, from %s to %s",
		spoken(kind), rhythm.Longest.Days(), g.date(rhythm.Longest.From), g.date(rhythm.Longest.To))
	if len(found) > 0 {
		gate.Status = model.Yellow
		if g.atRisk(float64(rhythm.Longest.Days())) >= g.limits.LabelsAtRisk {
			gate.Status = model.Red
		}
		gate.Message += fmt.Sprintf(" (usual are %.0f): import what is missing", rhythm.Usual)
		if risk := g.atRisk(float64(rhythm.Longest.Days())); risk > 0 {
			gate.Message += fmt.Sprintf("; as it is, up to %s of the customers count as gone for want of orders", percents(risk))
		}
	}
	g.add(gate)
}

// history says whether a season has been seen.
func (g *gatekeeper) history(kind model.FactKind, days dayCounts) {
	span := float64(-days.on[0])
	gate := model.Gate{Name: "history", Kind: kind, Unit: "days", Status: model.Green, Value: &span}
	need := model.Days(seasonKnown)
	gate.Threshold = &need
	gate.Message = fmt.Sprintf("%s reach back %.0f days", spoken(kind), span)
	switch {
	case span <= model.Days(g.definition.Horizon):
		gate.Status = model.Yellow
		gate.Message += fmt.Sprintf(", no label of %d days is complete: nothing can be learned yet", g.definition.HorizonDays())
	case span < need:
		gate.Status = model.Yellow
		gate.Message += ", less than 13 months: the season is unknown and intervals are wider"
	}
	g.add(gate)
}

// The lengths of the blocks of weeks whose volume is judged, and how far it
// must have moved to matter.
const (
	leastDrop = 0.7
	mostRise  = 1.5
)

// volume compares the last weeks with those before.
func (g *gatekeeper) volume(kind model.FactKind, days dayCounts) {
	weeks := weekly(days)
	var worst quality.Movement
	found := false
	for _, block := range []int{1, 2, 4, 8, 13} {
		m, err := quality.Volume(weeks, block)
		if err != nil {
			break
		}
		isWorse := math.Abs(m.Z) > math.Abs(worst.Z)
		if lost := g.lost(m); lost >= g.limits.LabelsAtRisk && m.Z <= -g.limits.VolumeZ {
			isWorse = isWorse || lost > g.lost(worst)
		}
		if !found || isWorse {
			worst, found = m, true
		}
	}
	if !found {
		g.add(missing("volume", kind, "%d whole weeks of %s: too few to know their usual volume", len(weeks), spoken(kind)))
		return
	}
	z, limit := worst.Z, g.limits.VolumeZ
	gate := model.Gate{Name: "volume", Kind: kind, Unit: "standard deviations", Status: model.Green, Value: &z, Threshold: &limit}
	gate.Message = fmt.Sprintf("%.0f %s in the last %d weeks where %.0f were to be expected", worst.Observed, spoken(kind), worst.Weeks, worst.Expected)
	switch {
	case z <= -limit && worst.Ratio() < leastDrop:
		gate.Status = model.Yellow
		gate.Message += ": a load may be missing or cut short; import it, or score and train as of " + g.date(-7*worst.Weeks)
		if kind == labelKind(g.definition.Kind) && g.lost(worst) >= g.limits.LabelsAtRisk {
			gate.Status = model.Red
			gate.Message += fmt.Sprintf("; as it is, up to %s of the customers count as gone for want of orders", percents(g.lost(worst)))
		}
	case z >= limit && worst.Ratio() > mostRise:
		gate.Status = model.Yellow
		gate.Message += ": check that nothing was loaded twice"
	}
	g.add(gate)
}

// lost is the share of labels that the missing part of a block turns wrong.
func (g *gatekeeper) lost(m quality.Movement) float64 {
	if m.Weeks == 0 {
		return 0
	}
	return g.atRisk(7*float64(m.Weeks)) * max(0, 1-m.Ratio())
}

// weekly sums whole weeks back from the instant, oldest first, from the first
// whole one.
func weekly(days dayCounts) []float64 {
	out := make([]float64, -days.on[0]/7)
	for i, on := range days.on {
		if at := len(out) - 1 - (-1-on)/7; on < 0 && at >= 0 {
			out[at] += days.counting[i]
		}
	}
	return out
}
