package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/churnwatch/churnwatch/cmd/internal/app"
	"github.com/churnwatch/churnwatch/cmd/internal/output"
)

func newCohorts(env *environment) *cobra.Command {
	var asOf instant
	cmd := &cobra.Command{
		Use:   "cohorts",
		Short: "Print the published snapshot by cohort",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return env.work(cmd.Context(), nil, func(ctx context.Context, a *app.App) error {
				rows, err := a.Scoring.CohortsAt(ctx, asOf.Time, a.Config.Cohorts.MaxPerDimension)
				if err != nil {
					return err
				}
				return env.print(rows, func() []output.Grid {
					g := output.Grid{Header: []string{
						"dimension", "cohort", "customers", "mean risk", "at risk " + a.Config.Currency,
						"satisfaction", "NPS", "answers", "drifting", "orders 30 d", "revenue 30 d", "churned",
					}}
					for _, c := range rows {
						g.Rows = append(g.Rows, []any{
							c.Dimension, name(c.Cohort), c.Customers, percent(c.ChurnRisk), money(c.RevenueAtRisk),
							c.SatisfactionIndex, c.NPS, c.NPSAnswers, c.Drifting, c.Orders30d, output.Money(c.Revenue30d), percent(c.ChurnRate),
						})
					}
					return []output.Grid{g}
				})
			})
		},
	}
	cmd.Flags().Var(&asOf, "as-of", "the newest published snapshot as of this `time` or before (default: the current one)")
	return cmd
}
