package scoring

import (
	"cmp"
	"context"
	"maps"
	"math"
	"slices"

	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/model/estimate"
)

// spendOfKept holds what those who stayed spent within the horizon against what
// they were expected to. What those who left would have spent nobody knows: that
// is what the money at stake stands for. It is nil for contracts, and where
// nobody stayed.
func (s *Service) spendOfKept(ctx context.Context, tests []tested) (*model.ThresholdSpend, error) {
	if s.settings.Definition.Kind == model.Cancellation {
		return nil, nil //nolint:nilnil // not known
	}
	days := s.settings.Definition.HorizonDays()
	spend := model.Feature{
		Name: "spend_of_kept", Source: model.FromOrders, Aggregate: model.Sum, Measure: "amount", Window: days, MissingIsZero: true,
	}
	out := &model.ThresholdSpend{}
	byCustomer := map[int][2]float64{}
	for _, t := range tests {
		expect, cluster, kept := map[string]float64{}, map[string]int{}, []string{}
		for i, id := range t.panel.Customers {
			if !t.panel.Churned[i] && !math.IsNaN(t.panel.Values[i]) {
				expect[id], cluster[id], kept = t.panel.Values[i], t.cluster[i], append(kept, id)
			}
		}
		definition := s.settings.Definition
		definition.Lookback = max(definition.Lookback, definition.Horizon)
		later, err := s.warehouse.Panel(ctx, model.PanelQuery{
			AsOf: t.panel.AsOf.Add(definition.Horizon), Definition: definition, Features: []model.Feature{spend}, Customers: kept,
		})
		if err != nil {
			return nil, err
		}
		for i, id := range later.Customers {
			out.Expected += expect[id]
			out.Spent += later.Numbers[0][i]
			sums := byCustomer[cluster[id]]
			byCustomer[cluster[id]] = [2]float64{sums[0] + expect[id], sums[1] + later.Numbers[0][i]}
		}
	}
	out.Customers = len(byCustomer)
	if !(out.Expected > 0) || out.Customers < 2 {
		return nil, nil //nolint:nilnil // not known
	}
	// The ratio of two sums, its error by the residuals of customers (Cochran
	// 1977, section 6.4).
	ratio, squares := out.Spent/out.Expected, 0.0
	for _, customer := range slices.Sorted(maps.Keys(byCustomer)) {
		residual := byCustomer[customer][1] - ratio*byCustomer[customer][0]
		squares += residual * residual
	}
	out.Ratio = estimate.Normal(ratio, math.Sqrt(squares)/out.Expected, realisedConfidence, out.Customers)
	return out, nil
}

// contactNow says whom the chosen rule, or without one the rule in force,
// contacts of those in the published scores.
func (s *Service) contactNow(ctx context.Context, out *model.Thresholds) error {
	snapshot, err := s.warehouse.Snapshot(ctx)
	if err != nil || !snapshot.AsOf.Equal(out.AsOf) {
		if err != nil && model.KindOf(err) != model.KindNoData {
			return err
		}
		out.Warnings = append(out.Warnings, "no scores are published as of this instant, so that whom to contact now is not known (churnwatch score --as-of)")
		return nil
	}
	scores, err := s.warehouse.Scores(ctx, model.ScoreQuery{})
	if err != nil {
		return err
	}
	now := &model.ThresholdNow{Return: out.Economics.LeastReturn}
	if out.Chosen != nil {
		now.Return = out.Chosen.Return.Value
	}
	var gains []float64 // probability times margin, what a full effect would bring
	for _, score := range scores {
		if score.ChurnProbability == nil || score.ExpectedValue == nil {
			continue
		}
		now.Customers++
		gain := *score.ChurnProbability * out.Economics.Margin * *score.ExpectedValue
		if out.Economics.Effect.Value*gain >= now.Return*out.Cost {
			gains = append(gains, gain)
		}
	}
	slices.SortFunc(gains, func(a, b float64) int { return cmp.Compare(b, a) })
	if most := out.Economics.Capacity; most > 0 && len(gains) > most {
		gains = gains[:most]
	}
	now.Contacted = len(gains)
	for _, gain := range gains {
		now.Expected += out.Economics.Effect.Value*gain - out.Cost
		now.AtLow += out.Economics.Effect.Low*gain - out.Cost
		now.AtHigh += out.Economics.Effect.High*gain - out.Cost
	}
	out.Now = now
	return nil
}
