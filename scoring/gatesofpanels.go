package scoring

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/model/quality"
)

const (
	// mostGated bounds the rows of a panel that gates look at: shares settle long
	// before.
	mostGated = 5000
	// mostNamed bounds the features that one gate names apart.
	mostNamed = 5
	// leakCutoffs is how many of the newest cutoffs a leak must show at.
	leakCutoffs = 2
)

// panels judges what the fits would see: outcomes, features that know them,
// and features that have moved since. now is the panel as of the instant, nil
// where nobody is eligible; step the days between two cutoffs.
func (g *gatekeeper) panels(training []*model.Panel, now *model.Panel, stepDays float64) {
	g.classes(training)
	g.leakage(training)
	g.drift(training, now, stepDays)
}

// keptShare returns the greatest share of customers who stayed at a cutoff.
func keptShare(panels []*model.Panel) (most float64) {
	for _, p := range panels {
		if n := p.Rows(); n > 0 {
			most = max(most, 1-float64(trues(p.Churned))/float64(n))
		}
	}
	return most
}

// classes counts the customers of either outcome.
func (g *gatekeeper) classes(training []*model.Panel) {
	kind := labelKind(g.definition.Kind)
	if len(training) == 0 {
		g.add(missing("classes", kind, "no label is complete yet"))
		return
	}
	lost, kept := map[string]bool{}, map[string]bool{}
	for _, p := range training {
		for i, id := range p.Customers {
			if p.Churned[i] {
				lost[id] = true
			} else {
				kept[id] = true
			}
		}
	}
	rarer, want := float64(min(len(lost), len(kept))), float64(3*leastClasses)
	gate := model.Gate{Name: "classes", Kind: kind, Unit: "customers", Status: model.Green, Value: &rarer, Threshold: &want}
	gate.Message = fmt.Sprintf("%d customers churned and %d stayed at one of %d cutoffs", len(lost), len(kept), len(training))
	if rarer < want {
		gate.Status = model.Yellow
		gate.Message += fmt.Sprintf(": few to learn from; intervals are wide, and below %d of either the risk says insufficient_evidence", leastClasses)
	}
	g.add(gate)
}

// finding is what a gate found in one feature.
type finding struct {
	feature model.Feature
	value   float64
	gate    model.Gate
}

// report keeps the findings that are not green, the worst first, or one gate
// that says that all are. Every red one is kept: a gate that refuses must not
// go unnamed behind a number of warnings.
func (g *gatekeeper) report(found []finding, all model.Gate) {
	slices.SortStableFunc(found, byBadness)
	odd, named := 0, 0
	for _, f := range found {
		if f.gate.Status == model.Green {
			continue
		}
		odd++
		if named < mostNamed || f.gate.Status == model.Red {
			g.add(f.gate)
			named++
		}
	}
	switch {
	case odd > named:
		all.Status = model.Yellow
		all.Message = fmt.Sprintf("%d more features have moved or know too much, less than those named", odd-named)
	case odd > 0:
		return
	case len(found) > 0:
		next := slices.MinFunc(found, nearestLimit)
		all.Value, all.Threshold = &next.value, next.gate.Threshold
		all.Message += fmt.Sprintf("; nearest to its limit: %s (%s)", next.feature.Name, next.feature.Label)
	}
	g.add(all)
}

// nearestLimit orders green findings, that which is nearest to its own limit
// first.
func nearestLimit(a, b finding) int {
	used := func(f finding) float64 { return f.value / *f.gate.Threshold }
	return cmp.Compare(used(b), used(a))
}

// leakage looks for features that know who left.
func (g *gatekeeper) leakage(training []*model.Panel) {
	kind := labelKind(g.definition.Kind)
	if len(training) == 0 {
		g.add(missing("leakage", kind, "no label is complete yet"))
		return
	}
	newest := training[max(0, len(training)-leakCutoffs):]
	var found []finding
	for f, feature := range newest[0].Features {
		if feature.Internal {
			continue
		}
		// What was filled in afterwards shows best at the newest cutoff: at older
		// ones some of those who had gone by now were still there.
		worst := finding{gate: model.Gate{Status: model.NotApplicable}}
		for _, p := range newest {
			rows := thin(p)
			k, err := quality.Separation(sampleOf(p, f, rows), outcomesOf(p, rows))
			if err != nil || len(rows) < 2*leastClasses {
				continue
			}
			if at := g.leak(feature, k); worse(at, worst) {
				worst = at
			}
		}
		if worst.gate.Status != model.NotApplicable {
			found = append(found, worst)
		}
	}
	warn := g.limits.LeakWarn
	g.report(found, model.Gate{
		Name: "leakage", Kind: kind, Unit: "ROC-AUC", Status: model.Green, Threshold: &warn,
		Message: fmt.Sprintf("no feature alone tells who left at the %d newest complete cutoffs", len(newest)), Holds: allParts(),
	})
}

// worse reports whether a found more than b.
func worse(a, b finding) bool { return byBadness(a, b) < 0 }

// byBadness orders findings, the worst first: by status, then by value.
func byBadness(a, b finding) int {
	if a.gate.Status != b.gate.Status {
		if model.WorstOf(a.gate.Status, b.gate.Status) == a.gate.Status {
			return -1
		}
		return 1
	}
	return cmp.Compare(b.value, a.value)
}

// A level in which nearly all left, and which holds this share of all who
// left, tells of a column that was filled in afterwards.
const (
	pureShare  = 0.98
	pureLow    = 0.9
	pureCovers = 0.2
	pureBase   = 0.8
)

func (g *gatekeeper) leak(feature model.Feature, k quality.Knowledge) finding {
	gate := measured("leakage", labelKind(g.definition.Kind), feature.Name, "ROC-AUC", k.AUC, g.limits.LeakWarn, g.limits.LeakRefuse)
	gate.Holds = allParts()
	gate.Message = fmt.Sprintf("%s (%s) alone tells who left with a ROC-AUC of %.3f", feature.Name, feature.Label, k.AUC)
	if gate.Status == model.Green && feature.Levels && k.Purest.Value >= pureShare && k.Purest.Low >= pureLow && g.kept >= 1-pureBase {
		gate.Status = model.Yellow
		if k.Covers >= pureCovers {
			gate.Status = model.Red
		}
		gate.Message = fmt.Sprintf("of the customers whose %s is %q %s left, %s of all who did",
			feature.Label, k.Bin, percents(k.Purest.Value), percents(k.Covers))
	}
	if gate.Status != model.Green {
		gate.Message += ": it was probably filled in afterwards; load the column with the known_at of each value, or leave it out"
	}
	return finding{feature, k.AUC, gate}
}

// drift compares the features as of the instant with those of training.
//
// A feature has moved when its distance exceeds the limit, what samples of
// these sizes show by chance, and half as much again as the most that two past
// cutoffs as far apart have differed.
func (g *gatekeeper) drift(training []*model.Panel, now *model.Panel, stepDays float64) {
	apart := max(1, int(math.Round(model.Days(g.definition.Horizon)/stepDays)))
	if now == nil || now.Rows() < leastInner/2 || len(training) < apart+2 {
		g.add(missing("drift", "", "%d past cutoffs: too few to know how far features usually move in %d days", len(training), g.definition.HorizonDays()))
		return
	}
	reference := training[len(training)-1]
	var found []finding
	for f, feature := range reference.Features {
		if feature.Internal {
			continue
		}
		moved, ok := g.moved(training, now, f, apart)
		if ok {
			found = append(found, moved)
		}
	}
	warn := g.limits.DriftWarn
	g.report(found, model.Gate{
		Name: "drift", Unit: "PSI", Status: model.Green, Threshold: &warn, Holds: []string{},
		Message: fmt.Sprintf("features as of %s are spread as they were at the newest training cutoff", now.AsOf.Format("2006-01-02")),
	})
}

// driftConfidence is that of what chance alone shows.
const driftConfidence = 0.999

func (g *gatekeeper) moved(training []*model.Panel, now *model.Panel, f, apart int) (finding, bool) {
	last := len(training) - 1
	reference := sampleOf(training[last], f, thin(training[last]))
	current := sampleOf(now, f, thin(now))
	e, err := quality.Stability(reference, current, driftConfidence)
	if err != nil {
		return finding{}, false
	}
	usual := 0.0
	for i := 0; i+apart <= last; i++ {
		a, b := training[i], training[i+apart]
		if past, err := quality.Stability(sampleOf(a, f, thin(a)), sampleOf(b, f, thin(b)), driftConfidence); err == nil {
			usual = max(usual, past.Value)
		}
	}
	limit := max(g.limits.DriftWarn, 1.5*usual, 2*e.High)
	feature := now.Features[f]
	gate := measured("drift", "", feature.Name, "PSI", e.Value, limit, never())
	gate.Holds = []string{}
	gate.Message = fmt.Sprintf("%s (%s) has moved by %.2f since the newest training cutoff, at most %.2f before; missing in %s, then %s: check the newest loads, and train again soon",
		feature.Name, feature.Label, e.Value, usual, percents(current.Missing()), percents(reference.Missing()))
	return finding{feature, e.Value, gate}, true
}

// thin picks evenly spaced rows, at most mostGated.
func thin(p *model.Panel) []int {
	n := min(p.Rows(), mostGated)
	rows := make([]int, n)
	for i := range rows {
		rows[i] = int(int64(i) * int64(p.Rows()) / int64(n))
	}
	return rows
}

func sampleOf(p *model.Panel, f int, rows []int) (s quality.Sample) {
	if p.Features[f].Levels {
		s.Levels = make([]string, len(rows))
		for i, row := range rows {
			s.Levels[i] = p.Levels[f][row]
		}
		return s
	}
	s.Numbers = make([]float64, len(rows))
	for i, row := range rows {
		s.Numbers[i] = p.Numbers[f][row]
	}
	return s
}

func outcomesOf(p *model.Panel, rows []int) []bool {
	out := make([]bool, len(rows))
	for i, row := range rows {
		out[i] = p.Churned[row]
	}
	return out
}
