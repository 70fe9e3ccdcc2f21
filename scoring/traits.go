package scoring

import (
	"context"
	"math"
	"slices"
	"strings"

	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/model/satisfaction"
)

// traitFeatures are what is known of a customer before a window that may go with
// his answering: rhythm, tenure, spend, past answering and its tone, profile.
func traitFeatures(kind model.DefinitionKind) (out []model.Feature) {
	for _, name := range []string{
		"recency_days", "tenure_days", "orders_90d", "orders_365d", "spend_365d",
		"answers_365d", "days_since_answer", "satisfaction_last", "late_delivery_90d", "visits_30d",
		"contract_age_days", "days_to_renewal", "contract_price", "channel", "region", "tier", "plan",
	} {
		if f, ok := model.FeatureOf(kind, name); ok {
			out = append(out, f)
		}
	}
	return out
}

// lasting are the profile columns that do not change, so that their value at the
// snapshot is that before the window also for a customer who was not there yet.
func lasting() []string { return []string{"channel", "region", "industry", "language"} }

// traits returns what was known of the customers before the window, and its
// names for people. Customers who were not eligible then have missing values,
// which is a trait of its own, but for the columns of cohorts that do not change.
func (s *Service) traits(ctx context.Context, t model.Turnout, customers []model.Respondent) ([]satisfaction.Trait, string, error) {
	panel, err := s.warehouse.Panel(ctx, model.PanelQuery{
		AsOf: t.From, Definition: t.Definition, Features: traitFeatures(t.Definition.Kind),
	})
	if err != nil {
		return nil, "", err
	}
	var out []satisfaction.Trait
	var names []string
	for f, feature := range panel.Features {
		trait := satisfaction.Trait{Name: feature.Name}
		dimension := slices.Index(s.settings.Dimensions, feature.Name)
		switch {
		case feature.Levels && dimension >= 0 && slices.Contains(lasting(), feature.Name):
			continue // below
		case feature.Levels:
			trait.Levels = make([]string, len(customers))
		default:
			trait.Values = make([]float64, len(customers))
		}
		fill(trait, panel, f, customers)
		out, names = append(out, trait), append(names, feature.Label)
	}
	for d, name := range s.settings.Dimensions {
		if !slices.Contains(lasting(), name) {
			continue
		}
		trait := satisfaction.Trait{Name: name, Levels: make([]string, len(customers))}
		for i, c := range customers {
			trait.Levels[i] = c.Cohorts[d]
		}
		out, names = append(out, trait), append(names, name)
	}
	return out, strings.Join(names, ", "), nil
}

// fill sets a trait from feature f of the panel; both are ordered by customer.
func fill(trait satisfaction.Trait, panel *model.Panel, f int, customers []model.Respondent) {
	row := 0
	for i, c := range customers {
		for row < panel.Rows() && panel.Customers[row] < c.CustomerID {
			row++
		}
		there := row < panel.Rows() && panel.Customers[row] == c.CustomerID
		switch {
		case trait.Levels != nil && there:
			trait.Levels[i] = panel.Levels[f][row]
		case trait.Values != nil && there:
			trait.Values[i] = panel.Numbers[f][row]
		case trait.Values != nil:
			trait.Values[i] = math.NaN()
		}
	}
}
