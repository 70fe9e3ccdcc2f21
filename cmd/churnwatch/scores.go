package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/churnwatch/churnwatch/cmd/internal/app"
	"github.com/churnwatch/churnwatch/cmd/internal/output"
	"github.com/churnwatch/churnwatch/model"
)

// mostReasons is how many contributions a list carries for each score.
const mostReasons = 5

func newScores(env *environment) *cobra.Command {
	cmd := &cobra.Command{
		Use: "scores", Short: "Read the published scores", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	var asOf instant
	var top int
	var band, cohort string
	var least float64
	list := &cobra.Command{
		Use:   "list",
		Short: "List who is likely to leave, most likely first",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			query, err := scoreQuery(top, band, cohort, least)
			if err != nil {
				return err
			}
			query.AsOf = asOf.Time
			return env.work(cmd.Context(), nil, func(ctx context.Context, a *app.App) error {
				scores, err := a.Store.Scores(ctx, query)
				if err != nil {
					return err
				}
				return env.print(scores, func() []output.Grid { return scoresGrid(scores, a.Config.Currency) })
			})
		},
	}
	list.Flags().Var(&asOf, "as-of", "the newest published snapshot as of this `time` or before, without reasons once a newer one replaced it (default: the current one)")
	list.Flags().IntVar(&top, "top", 50, "at most this `many`; 0 is all")
	list.Flags().StringVar(&band, "band", "", "only this band: low, medium or high")
	list.Flags().StringVar(&cohort, "cohort", "", "only this cohort, such as `channel=web`")
	list.Flags().Float64Var(&least, "min-risk", 0, "only probabilities from here on, 0 to 1")
	cmd.AddCommand(list)
	return cmd
}

func scoreQuery(top int, band, cohort string, least float64) (model.ScoreQuery, error) {
	q := model.ScoreQuery{Top: top, Band: model.Band(band), MinRisk: least, Reasons: mostReasons}
	switch q.Band {
	case "", model.BandLow, model.BandMedium, model.BandHigh:
	default:
		return q, usagef("--band %q: want low, medium or high", band)
	}
	if top < 0 {
		return q, usagef("--top %d: want 0 or more", top)
	}
	if !(least >= 0 && least <= 1) {
		return q, usagef("--min-risk %v: want 0 to 1", least)
	}
	if cohort != "" {
		dimension, level, ok := strings.Cut(cohort, "=")
		if !ok || dimension == "" {
			return q, usagef("--cohort %q: want dimension=cohort, such as channel=web", cohort)
		}
		q.Dimension, q.Cohort = dimension, level
	}
	return q, nil
}

func scoresGrid(scores []model.Score, currency string) []output.Grid {
	g := output.Grid{Header: []string{"customer", "risk", "interval", "band", "at risk " + currency, "drift", "satisfaction", "why"}}
	for _, s := range scores {
		if s.Status != model.StatusOK {
			g.Rows = append(g.Rows, []any{s.CustomerID, percent(s.ChurnProbability), interval(s.Interval), string(s.Status), money(s.RevenueAtRisk), string(s.Drift), s.SatisfactionIndex, s.StatusReason})
			continue
		}
		g.Rows = append(g.Rows, []any{
			s.CustomerID, percent(s.ChurnProbability), interval(s.Interval), string(*s.Band),
			money(s.RevenueAtRisk), string(s.Drift), index(s), reasons(s.Contributions, 3, currency),
		})
	}
	if len(scores) > 0 {
		g.Footer = []string{fmt.Sprintf("%s, as of %s; churnwatch explain CUSTOMER says exactly why", scores[0].LabelDefinition, output.Cell(scores[0].AsOf))}
	}
	return []output.Grid{g}
}

func percent(p *float64) any {
	if p == nil {
		return nil
	}
	return output.Percent(*p)
}

func money(v *float64) any {
	if v == nil {
		return nil
	}
	return output.Money(*v)
}

func interval(i *model.Interval) any {
	if i == nil {
		return nil
	}
	return fmt.Sprintf("%.1f-%.1f %%", 100*i.Low, 100*i.High)
}

// index shows the satisfaction index, which without an answer says nothing.
func index(s model.Score) any {
	if s.SatisfactionIndex == nil || s.SatisfactionN == 0 {
		return nil
	}
	return output.Number{Value: *s.SatisfactionIndex, Decimals: 0}
}

// reasons names the largest contributions that raise the risk.
func reasons(parts []model.Contribution, most int, currency string) string {
	var out []string
	for _, c := range parts {
		if c.LogOdds > 0 && len(out) < most {
			out = append(out, fmt.Sprintf("%s (%s)", c.Label, value(c, currency)))
		}
	}
	return strings.Join(out, ", ")
}

// value shows a contribution's value with its unit.
func value(c model.Contribution, currency string) string {
	unit := c.Unit
	if unit == "money" {
		unit = currency
	}
	if both, ok := c.Value.([]any); ok {
		parts := make([]string, len(both))
		for i, v := range both {
			parts[i] = shown(v, "")
		}
		return strings.Join(parts, "; ")
	}
	return shown(c.Value, unit)
}

// shown writes one number, word or nothing.
func shown(value any, unit string) string {
	switch v := value.(type) {
	case nil:
		return "none"
	case float64:
		text := strings.TrimSuffix(strings.TrimRight(fmt.Sprintf("%.2f", v), "0"), ".")
		return strings.TrimSpace(text + " " + unit)
	}
	return fmt.Sprint(value)
}
