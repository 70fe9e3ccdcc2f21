package scoring

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/model/painpoint"
)

// spendFeature is what customers of high value are told by.
const spendFeature = "spend_365d"

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
		out := weights[w.Name]
		out.Warnings = append(out.Warnings, w.Warnings...)
		if !w.Dropped {
			out.ChurnLogOdds, out.ShareOfChurn, out.ValueInteraction = &w.LogOdds, &w.Share, interactionOf(w.ByValue)
		}
	}
	part.Status = model.PartStatus{Status: statusOK}
	return nil
}

// fitChurn fits with all controls and, where these tell all who churned from
// all who stayed, with fewer, simpler ones.
func fitChurn(labels painpoint.Labels, training []*model.Panel) (fit []painpoint.ChurnWeight, err error) {
	for _, shapes := range controlShapes() {
		labels.Controls = churnControls(training, shapes)
		if fit, err = painpoint.FitChurn(labels, painpoint.Options{}); err == nil {
			return fit, nil
		}
	}
	return nil, err
}

// controlShapes are the shapes in which activity is adjusted for: rich ones,
// and where these separate the outcomes the log alone.
func controlShapes() [][]func(float64) float64 {
	return [][]func(float64) float64{{math.Log1p, math.Sqrt, itself}, {math.Log1p}}
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
	labels.HighValue, labels.Weight = highValue(training), weightsOf(training)
	var names []string
	for f, feature := range training[0].Features {
		w := weights[feature.Only]
		if feature.Source != model.FromIncidents || feature.Aggregate != model.Count || feature.Internal || w == nil {
			continue
		}
		column := painpoint.Detector{Name: feature.Only, Count: columnOf(training, f).Numbers}
		exposed := map[int]bool{}
		for i, n := range column.Count {
			if n > 0 {
				exposed[labels.Customer[i]] = true
			}
		}
		w.ChurnExposed = len(exposed)
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

// interactionOf says in words what a weight by value shows.
func interactionOf(by *painpoint.ByValue) *model.ValueInteraction {
	if by == nil {
		return nil
	}
	out := &model.ValueInteraction{
		High: by.High, Rest: by.Rest, Difference: by.Difference, Unshrunk: by.Raw, Evidence: model.NoDifference,
	}
	switch {
	case by.Differs && by.Raw.Value > 0:
		out.Evidence = "weighs more among the third who spent most"
	case by.Differs:
		out.Evidence = "weighs less among the third who spent most"
	}
	return out
}

// highValue marks, at each cutoff apart, the third of the customers who had
// spent most in the year before; nil without such a feature. Customers who
// spent as much as the last of them count as well, those who spent nothing
// never.
func highValue(training []*model.Panel) (marks []bool) {
	f := slices.IndexFunc(training[0].Features, func(f model.Feature) bool { return f.Name == spendFeature })
	if f < 0 {
		return nil
	}
	for _, p := range training {
		spend := finite(slices.Clone(p.Numbers[f]))
		sorted := slices.Sorted(slices.Values(spend))
		for _, v := range spend {
			marks = append(marks, v > 0 && v >= sorted[len(sorted)-max(1, len(sorted)/3)])
		}
	}
	return marks
}
