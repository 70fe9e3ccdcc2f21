package scoring

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/model/painpoint"
	"github.com/churnwatch/churnwatch/model/satisfaction"
)

// leastExposed is the least number of exposed answers, or customers, that a
// weight is fitted on.
const leastExposed = 10

// fitPainPoints fits what an incident costs, in points of satisfaction from
// the answers known before asOf, and in log-odds of churn from the panel.
func (s *Service) fitPainPoints(ctx context.Context, asOf time.Time, training []*model.Panel) (PainPointPart, error) {
	part := PainPointPart{Weights: []model.PainPointWeight{}}
	detectors, err := s.warehouse.Detectors(ctx, asOf, s.settings.PainPoints...)
	if err != nil {
		return part, err
	}
	weights := map[string]*model.PainPointWeight{}
	for _, d := range detectors {
		if d.Incidents == 0 {
			continue
		}
		weights[d.Name] = &model.PainPointWeight{
			Name: d.Name, Label: d.Label, Unit: "points of satisfaction (0-100) per " + d.Unit,
			Incidents: int(d.Incidents), Customers: int(d.Customers),
			Overlaps: []model.Overlap{}, Warnings: []string{},
		}
	}
	if len(weights) == 0 {
		part.Status = model.PartStatus{Status: statusNoData, Needs: []string{
			"orders with promised_at and delivered_at, returns, tickets or events: no incident of any pain point is known",
		}}
		return part, nil
	}
	if err := s.satisfactionWeights(ctx, asOf, detectors, weights, &part); err != nil {
		return part, err
	}
	if err := s.churnWeights(ctx, training, weights, &part); err != nil {
		return part, err
	}
	for _, d := range detectors {
		if w := weights[d.Name]; w != nil {
			part.Weights = append(part.Weights, *w)
		}
	}
	return part, nil
}

// satisfactionWeights fits answers on the incidents behind them, known when
// the answer was given, all pain points together.
func (s *Service) satisfactionWeights(ctx context.Context, asOf time.Time, detectors []model.Detector, weights map[string]*model.PainPointWeight, part *PainPointPart) error {
	var found []model.Detector
	var names []string
	for _, d := range detectors {
		if weights[d.Name] != nil {
			found, names = append(found, d), append(names, d.Name)
		}
	}
	answers, err := s.warehouse.Answers(ctx, model.AnswersQuery{
		AsOf: asOf, PainPoints: names, Own: s.settings.PainPoints, WindowDays: s.settings.ExposureDays, MaxRows: s.settings.MaxRows, Seed: s.settings.Seed,
	})
	if err != nil {
		return err
	}
	part.Answers = len(answers)
	design, fitted := exposureDesign(answers, found, weights)
	if len(answers) < leastAnswers || len(fitted) == 0 {
		part.Status = model.PartStatus{Status: statusNoData, Needs: []string{
			fmt.Sprintf("answers (responses) after an incident: %d answers are known, %d pain points lie behind at least %d of them",
				len(answers), len(fitted), leastExposed),
		}}
		return nil
	}
	fit, err := painpoint.FitSatisfaction(design, painpoint.Options{})
	if err != nil {
		return s.fitError(ctx, "pain points", err)
	}
	part.Status = model.PartStatus{Status: statusOK}
	scale := scaleOf(answers)
	for i, w := range fit.Weights {
		describeWeight(weights[w.Name], w, fitted[i], scale)
		for j, n := range fit.Overlap[i] {
			if j != i && n > 0 {
				weights[w.Name].Overlaps = append(weights[w.Name].Overlaps, model.Overlap{With: fit.Weights[j].Name, Answers: n, Coding: "both"})
			}
		}
	}
	showExclusive(weights)
	if worst, ok := painpoint.Worst(fit.Weights); ok {
		part.Worst = fit.Weights[worst].Name
	}
	return nil
}

// exclusive names, for pain points that are coded apart, the wider one that
// each of their incidents would be too: what is not delivered three weeks past
// the promise is late as well, and would be counted twice.
func exclusive() map[string]string {
	return map[string]string{"not_delivered": "late_delivery"}
}

// showExclusive says how many answers were taken for one pain point alone.
func showExclusive(weights map[string]*model.PainPointWeight) {
	for narrow, wide := range exclusive() {
		if n, w := weights[narrow], weights[wide]; n != nil && w != nil && n.Exposed > 0 {
			n.Overlaps = append(n.Overlaps, model.Overlap{With: wide, Answers: n.Exposed, Coding: "exclusive"})
		}
	}
}

// exposureDesign restates answers in the words of model/painpoint, without
// the detectors that lie behind too few of them.
func exposureDesign(answers []model.Answer, detectors []model.Detector, weights map[string]*model.PainPointWeight) (painpoint.Answers, []model.Detector) {
	code := codes(answers)
	var design painpoint.Answers
	for _, a := range answers {
		points, err := satisfaction.Points(satisfaction.Kind(a.Kind), a.Score)
		if err != nil {
			points = math.NaN() // the schema admits no other kind or score
		}
		design.Points = append(design.Points, points)
		design.Customer = append(design.Customer, code[a.Customer])
		design.Weight = append(design.Weight, a.Weight)
	}
	design.Controls = kindControls(answers)
	var kept []model.Detector
	for k, d := range detectors {
		column := painpoint.Detector{Name: d.Name, Unit: d.SeverityUnit}
		exposed := 0
		for _, a := range answers {
			column.Count = append(column.Count, a.Incidents[k])
			column.AgeDays = append(column.AgeDays, a.Latest[k])
			if d.SeverityUnit != "" {
				column.Severity = append(column.Severity, a.Severity[k])
			}
			if a.Incidents[k] > 0 {
				exposed++
			}
		}
		weights[d.Name].Exposed = exposed
		if exposed < leastExposed {
			weights[d.Name].Warnings = append(weights[d.Name].Warnings, fmt.Sprintf(
				"%d answers were given after an incident, need %d for a satisfaction weight", exposed, leastExposed))
			continue
		}
		design.Detectors, kept = append(design.Detectors, column), append(kept, d)
	}
	return design, kept
}

// kindControls lets each kind of answer beyond the first have its own level.
func kindControls(answers []model.Answer) (columns [][]float64) {
	var kinds []string
	for _, a := range answers {
		kinds = append(kinds, a.Kind)
	}
	slices.Sort(kinds)
	kinds = slices.Compact(kinds)
	for _, kind := range kinds[min(1, len(kinds)):] {
		column := make([]float64, len(answers))
		for i, a := range answers {
			if a.Kind == kind {
				column[i] = 1
			}
		}
		columns = append(columns, column)
	}
	return columns
}

func describeWeight(out *model.PainPointWeight, w painpoint.Weight, d model.Detector, scale *answerScale) {
	out.Warnings = append(out.Warnings, w.Warnings...)
	if w.Dropped {
		return
	}
	// An order that never came was late first: what lay behind answers counts
	// even where it counts as something else by now.
	out.Incidents, out.Customers = max(out.Incidents, w.Incidents), max(out.Customers, w.Customers)
	out.SatisfactionWeight = &w.Effect
	out.Plain = plainIn(scale, w)
	if d.SeverityUnit != "" {
		out.SatisfactionFlag, out.SatisfactionSlope = &w.Flag, &w.Slope
		out.Severity = &model.Severity{Unit: d.SeverityUnit, Mean: w.MeanSeverity}
	}
	out.HalfLife, out.HalfLifeReason = w.HalfLifeDays, w.HalfLifeReason
	if w.HalfLifeDays != nil {
		out.HalfLifeDays = &w.HalfLifeDays.Value
	}
	out.Share = &w.Share.Value
}

// plainIn restates a bare incident's effect, fitted without severity, in the
// answers' own scale; nil where answers are of several kinds.
func plainIn(scale *answerScale, w painpoint.Weight) *model.PlainWeight {
	if scale == nil {
		return nil
	}
	e, unit := w.Plain, (scale.high-scale.low)/100
	e.Value, e.Low, e.High, e.StandardError = e.Value*unit, e.Low*unit, e.High*unit, e.StandardError*unit
	return &model.PlainWeight{Scale: fmt.Sprintf("%s (%g to %g)", scale.kind, scale.low, scale.high), Weight: e}
}

// answerScale is the scale of answers of one kind.
type answerScale struct {
	kind      string
	low, high float64
}

func scaleOf(answers []model.Answer) *answerScale {
	kind := answers[0].Kind
	for _, a := range answers {
		if a.Kind != kind {
			return nil
		}
	}
	low, high, ok := model.ScoreRange(kind)
	if !ok {
		return nil
	}
	return &answerScale{kind: kind, low: low, high: high}
}
