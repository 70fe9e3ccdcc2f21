package main

import (
	"context"
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
	var band, cohort, order string
	var least float64
	list := &cobra.Command{
		Use:   "list",
		Short: "List who is likely to leave, most likely or worth most first",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			query, err := scoreQuery(top, band, cohort, order, least)
			if err != nil {
				return err
			}
			query.AsOf = asOf.Time
			return env.work(cmd.Context(), nil, func(ctx context.Context, a *app.App) error {
				scores, err := a.Store.Scores(ctx, query)
				if err != nil {
					return err
				}
				if err := env.warnOfHeld(ctx, a, scores); err != nil {
					return err
				}
				return env.print(scores, func() []output.Grid { return scoresGrid(scores, a.Config.Currency) })
			})
		},
	}
	list.Flags().Var(&asOf, "as-of", "the newest published snapshot as of this `time` or before, without reasons once a newer one replaced it (default: the current one)")
	list.Flags().IntVar(&top, "top", 50, "at most this `many`; 0 is all")
	list.Flags().StringVar(&band, "band", "", "only this band: low, medium or high")
	list.Flags().StringVar(&cohort, "cohort", "", "only this cohort, such as `channel=web` or tenure='1 to 2 years'")
	list.Flags().StringVar(&order, "order-by", "churn_probability", "what comes first: the highest churn_probability or the most revenue_at_risk")
	list.Flags().Float64Var(&least, "min-risk", 0, "only probabilities from here on, 0 to 1")
	cmd.AddCommand(list)
	return cmd
}

// warnOfHeld says where the scores are of a model that its verdict would hold.
func (env *environment) warnOfHeld(ctx context.Context, a *app.App, scores []model.Score) error {
	if len(scores) == 0 || scores[0].Model == nil {
		return nil
	}
	warnings, err := a.Scoring.HeldModel(ctx, *scores[0].Model)
	for _, line := range warningLines(warnings) {
		env.say("%s", line)
	}
	return err
}

func scoreQuery(top int, band, cohort, order string, least float64) (model.ScoreQuery, error) {
	q := model.ScoreQuery{Top: top, Band: model.Band(band), MinRisk: least, Reasons: mostReasons}
	switch q.Band {
	case "", model.BandLow, model.BandMedium, model.BandHigh:
	default:
		return q, usagef("--band %q: want low, medium or high", band)
	}
	switch order {
	case "churn_probability":
	case string(model.ByRevenue):
		q.Order = model.ByRevenue
	default:
		return q, usagef("--order-by %q: want churn_probability or revenue_at_risk", order)
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
