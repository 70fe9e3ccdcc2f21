package scoring

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
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
	detectors, err := s.warehouse.Detectors(ctx, asOf)
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
		AsOf: asOf, PainPoints: names, WindowDays: s.settings.ExposureDays, MaxRows: s.settings.MaxRows, Seed: s.settings.Seed,
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

// churnWeights fits churn on the incidents of the last 90 days, all pain
// points together, beside how active the customer was. No prior.
func (s *Service) churnWeights(ctx context.Context, training []*model.Panel, weights map[string]*model.PainPointWeight, part *PainPointPart) error {
	labels, names := churnDesign(training, weights)
	lost := trues(labels.Churned)
	if len(names) == 0 || lost < leastClasses || len(labels.Churned)-lost < leastClasses {
		return nil
	}
	fit, err := fitChurn(labels, training)
	if err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		for _, name := range names {
			weights[name].Warnings = append(weights[name].Warnings, "churn weight: "+strings.ReplaceAll(err.Error(), "\n", ": "))
		}
		return nil
	}
	for _, w := range fit {
		weights[w.Name].Warnings = append(weights[w.Name].Warnings, w.Warnings...)
		if !w.Dropped {
			weights[w.Name].ChurnLogOdds = &w.LogOdds
		}
	}
	part.Status = model.PartStatus{Status: statusOK}
	return nil
}

// fitChurn fits with all controls and, where these tell all who churned from
// all who stayed, with fewer, simpler ones.
func fitChurn(labels painpoint.Labels, training []*model.Panel) (fit []painpoint.ChurnWeight, err error) {
	for _, shapes := range [][]func(float64) float64{{math.Log1p, math.Sqrt, itself}, {math.Log1p}} {
		labels.Controls = churnControls(training, shapes)
		if fit, err = painpoint.FitChurn(labels, painpoint.Options{}); err == nil {
			return fit, nil
		}
	}
	return nil, err
}

func itself(v float64) float64 { return v }

func churnDesign(training []*model.Panel, weights map[string]*model.PainPointWeight) (painpoint.Labels, []string) {
	var labels painpoint.Labels
	if len(training) == 0 {
		return labels, nil
	}
	code := customerCodes(training)
	for _, p := range training {
		labels.Churned = append(labels.Churned, p.Churned...)
		for _, id := range p.Customers {
			labels.Customer = append(labels.Customer, code[id])
		}
	}
	var names []string
	for f, feature := range training[0].Features {
		w := weights[feature.Only]
		if feature.Source != model.FromIncidents || feature.Aggregate != model.Count || w == nil {
			continue
		}
		column := painpoint.Detector{Name: feature.Only, Count: columnOf(training, f).Numbers}
		exposed := map[int]bool{}
		for i, n := range column.Count {
			if n > 0 {
				exposed[labels.Customer[i]] = true
			}
		}
		if len(exposed) < leastExposed {
			w.Warnings = append(w.Warnings, fmt.Sprintf("%d customers with an incident in the panel, need %d for a churn weight", len(exposed), leastExposed))
			continue
		}
		labels.Detectors, names = append(labels.Detectors, column), append(names, feature.Only)
	}
	return labels, names
}

// churnControls say how active the customer was, so that incidents, which
// come with orders, are not taken for activity: the logs of days since the last
// and the first order, and for each window the orders in it, in every shape.
func churnControls(training []*model.Panel, shapes []func(float64) float64) (columns [][]float64) {
	for f, feature := range training[0].Features {
		if feature.Source != model.FromOrders || feature.Only != "" || feature.Offset != 0 {
			continue
		}
		apply := shapes
		switch feature.Aggregate {
		case model.DaysSinceLast, model.DaysSinceFirst:
			apply = shapes[:1]
		case model.Count:
		default:
			continue
		}
		column := columnOf(training, f)
		if constant(column) {
			continue
		}
		numbers := finite(column.Numbers)
		for _, shape := range apply {
			shaped := make([]float64, len(numbers))
			for i, v := range numbers {
				shaped[i] = shape(math.Max(0, v))
			}
			columns = append(columns, shaped)
		}
	}
	return columns
}
