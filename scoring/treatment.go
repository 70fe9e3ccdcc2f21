package scoring

import (
	"fmt"

	"github.com/churnwatch/churnwatch/model"
)

// leaveOut takes the rows of customers whom retention touched, or wanted to
// reach, out of panels, and lets those who were held out from the same stand for
// them, each with the inverse of the holdout's share: up to being held out both
// were asked the same, so that the rows that are left are, on the mean, the whole
// shop with nothing done (Horvitz and Thompson 1952). A panel in which nobody
// was touched stays as it is, and so do all where nobody was held out: without
// the customers whom playbooks touch only those who are hardly at risk would be
// left. The report is nil where nobody was touched at all.
func leaveOut(panels []*model.Panel) ([]*model.Panel, *model.TreatmentReport) {
	var report model.TreatmentReport
	weight := 0.0
	for _, p := range panels {
		for _, t := range p.Treatments {
			switch {
			case t.Touched:
				report.Touched++
				if !t.Wanted {
					report.Unmatched++
				}
			case t.Wanted:
				report.Wanted++
			case t.HoldoutShare > 0:
				report.HeldOut++
				weight += 1 / t.HoldoutShare
			}
		}
	}
	if report.Touched == 0 {
		return panels, nil
	}
	if report.HeldOut == 0 {
		report.Status = model.TreatmentKept
		report.Says = fmt.Sprintf("%d rows are of customers whom retention touched, and nobody was held out from the same who could stand for them: "+
			"they count as if nothing had been done, so that risks are too low where it helped (retention.holdout; outreach.trigger_id says what a message was for)", report.Touched)
		return panels, &report
	}
	report.Status, report.LeftOut = model.TreatmentLeftOut, report.Touched+report.Wanted
	weight /= float64(report.HeldOut)
	report.Weight = &weight
	report.Says = fmt.Sprintf("%d rows of customers whom retention touched or wanted to reach are left out, %d that were held out stand for them (weight %.1f)",
		report.LeftOut, report.HeldOut, weight)
	if report.Unmatched > 0 {
		report.Says += fmt.Sprintf("; for %d of these, who were touched without a playbook's doing, nobody stands", report.Unmatched)
	}
	out := make([]*model.Panel, len(panels))
	for k, p := range panels {
		out[k] = untreated(p)
	}
	return out, &report
}

// leaveOutOf is leaveOut of one panel.
func leaveOutOf(p *model.Panel) (*model.Panel, *model.TreatmentReport) {
	out, report := leaveOut([]*model.Panel{p})
	return out[0], report
}

// untreated returns the rows of a panel that retention left alone, with what
// they stand for.
func untreated(p *model.Panel) *model.Panel {
	if p.Treatments == nil {
		return p
	}
	out := &model.Panel{
		AsOf: p.AsOf, Features: p.Features, Eligible: p.Eligible, Customers: []string{}, Weight: []float64{},
		Numbers: make([][]float64, len(p.Numbers)), Levels: make([][]string, len(p.Levels)),
	}
	var rows []int
	for i, t := range p.Treatments {
		if t.Touched || t.Wanted {
			continue
		}
		rows, out.Weight = append(rows, i), append(out.Weight, standsFor(t))
	}
	out.Customers, out.Churned = picked(p.Customers, rows), picked(p.Churned, rows)
	out.Values, out.Treatments = picked(p.Values, rows), picked(p.Treatments, rows)
	for f := range p.Features {
		out.Numbers[f], out.Levels[f] = picked(p.Numbers[f], rows), picked(p.Levels[f], rows)
	}
	return out
}

// standsFor is for how many an untouched customer stands.
func standsFor(t model.Treatment) float64 {
	if t.HoldoutShare > 0 {
		return 1 / t.HoldoutShare
	}
	return 1
}

// picked returns the values of some rows, nil of nil.
func picked[T any](values []T, rows []int) []T {
	if values == nil {
		return nil
	}
	out := make([]T, len(rows))
	for k, i := range rows {
		out[k] = values[i]
	}
	return out
}

// shareChurned returns the share that churned, rows weighed.
func shareChurned(p *model.Panel) float64 {
	if p.Weight == nil {
		return float64(trues(p.Churned)) / float64(max(1, p.Rows()))
	}
	lost := 0.0
	for i, churned := range p.Churned {
		if churned {
			lost += p.Weight[i]
		}
	}
	return lost / total(p.Weight)
}

func total(x []float64) (sum float64) {
	for _, v := range x {
		sum += v
	}
	return sum
}

// weightsOf joins what the rows of panels stand for; nil where each stands for
// itself.
func weightsOf(panels []*model.Panel) []float64 {
	weighed := false
	for _, p := range panels {
		weighed = weighed || p.Weight != nil
	}
	if !weighed {
		return nil
	}
	var out []float64
	for _, p := range panels {
		for i := range p.Customers {
			out = append(out, weightAt(p.Weight, i))
		}
	}
	return out
}

// weightAt is a row's weight, 1 without any.
func weightAt(weight []float64, i int) float64 {
	if weight == nil {
		return 1
	}
	return weight[i]
}

// weightedMean is the mean of x under weights; nil is one each.
func weightedMean(x, weight []float64) float64 {
	if weight == nil {
		return mean(x)
	}
	sum := 0.0
	for i, v := range x {
		sum += weight[i] * v
	}
	return sum / total(weight)
}
