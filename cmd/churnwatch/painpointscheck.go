package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/churnwatch/churnwatch/cmd/internal/app"
	"github.com/churnwatch/churnwatch/cmd/internal/output"
	"github.com/churnwatch/churnwatch/scoring"
)

func newPainPointsCheck(env *environment) *cobra.Command {
	var asOf instant
	cmd := &cobra.Command{
		Use:   "check FILE...",
		Short: "Read files that define pain points, and say what they find; nothing is stored",
		Long: "Reads pain points of your own and counts the incidents that they find in the database.\n" +
			"Name the files in the configuration (painpoints.files) to train with them.\n" +
			"Those of orders, tickets and answers are looked for in hotspots too.",
		Example: "  churnwatch painpoints check own.yaml, which holds for example\n\n" +
			"  painpoints:\n" +
			"    - name: slow_economy\n" +
			"      label: economy parcel more than six days on its way\n" +
			"      order: {where: [{column: shipping_method, is: economy}], from: ordered_at, to: delivered_at, longer_than: 6d}\n" +
			"      severity: days\n" +
			"    - {name: billing, label: billing ticket open for two days, ticket: {topic: billing, open_longer_than: 48h}}\n" +
			"    - {name: no_answer, label: no reply within two days, ticket: {no_reply_within: 48h}}\n" +
			"    - {name: bad_delivery, label: bad rating of a delivery, answer: {touchpoint: delivery, kind: rating, below: 3}}\n" +
			"    - {name: too_small, label: sent back as too small, return: {reasons: [too_small, wrong_size]}}\n" +
			"    - {name: crash, label: crash of the app, event: {name: crash, above: 3}}",
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := env.readPainPoints(args); err != nil {
				return err
			}
			return env.work(cmd.Context(), nil, func(ctx context.Context, a *app.App) error {
				found, err := a.Scoring.Detect(ctx, env.cfg.PainPoints.Own, asOf.Time)
				if err != nil {
					return err
				}
				return env.print(found, func() []output.Grid { return detectedGrid(found) })
			})
		},
	}
	cmd.Flags().Var(&asOf, "as-of", "count what was known before this `time` (default: the start of the day of the newest order)")
	return cmd
}

func detectedGrid(found []scoring.Detected) []output.Grid {
	g := output.Grid{Header: []string{"pain point", "label", "unit", "severity", "incidents", "customers", "in its window", "customers there"}}
	for _, d := range found {
		g.Rows = append(g.Rows, []any{
			d.Name, d.Label, d.Unit, d.SeverityUnit, d.Incidents, d.Customers,
			fmt.Sprintf("%s in %d days", thousands(d.InWindow), d.WindowDays), d.CustomersInWindow,
		})
	}
	return []output.Grid{g}
}
