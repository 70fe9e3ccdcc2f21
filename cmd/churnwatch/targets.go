package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/churnwatch/churnwatch/cmd/internal/app"
	"github.com/churnwatch/churnwatch/cmd/internal/config"
	"github.com/churnwatch/churnwatch/cmd/internal/output"
	"github.com/churnwatch/churnwatch/model"
)

func newTargets(env *environment) *cobra.Command {
	var asOf instant
	var period config.Duration
	cmd := &cobra.Command{
		Use:   "targets",
		Short: "Print the targets of the retention programme as they were measured",
		Long: "Holds what was measured against the goals (targets.* in the configuration): detractors who\n" +
			"reply and who stay, promoters who post a review and make a referral, passives who become\n" +
			"promoters, and by how much detractors answer higher once they were contacted.\n\n" +
			"Each counts the customers whose window closed in the period, each once. A target is met or\n" +
			"missed where its 95 % interval lies beyond the goal; else it is not known. Where the\n" +
			"data end before --as-of, everything is as of their end: what was not loaded is no failure.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if period.Std() < 0 {
				return usagef("--period %s: want a day or more", period)
			}
			return env.work(cmd.Context(), nil, func(ctx context.Context, a *app.App) error {
				report, err := a.Boards.Targets(ctx, asOf.Time, period.Std())
				if err != nil {
					return err
				}
				return env.print(report, func() []output.Grid { return []output.Grid{targetGrid(report)} })
			})
		},
	}
	cmd.Flags().Var(&asOf, "as-of", "with what was known at this `time` (default: the newest order's day)")
	cmd.Flags().Var(&period, "period", "before it, in which windows closed (default: targets.period)")
	return cmd
}

func targetGrid(r model.TargetReport) output.Grid {
	g := output.Grid{
		Title:  fmt.Sprintf("Targets: windows that closed from %s to %s, [95 %% interval]", r.From.Format(time.DateOnly), r.AsOf.Format(time.DateOnly)),
		Header: []string{"target", "goal", "measured", "of customers", "open", "status", "why"},
		Widths: []int{0, 0, 0, 0, 0, 0, 44},
		CSV:    &output.Grid{Header: []string{"target", "unit", "goal", "value", "low", "high", "numerator", "denominator", "open", "status", "status_reason"}},
	}
	for _, t := range r.Targets {
		goal, measured := any(fmt.Sprintf("%+.1f", t.Goal)), bounds(t.Value, 1)
		if t.Unit == "share" {
			goal, measured = output.Percent(t.Goal), shareBounds(t.Value)
		}
		var why any
		if t.Reason != nil {
			why = *t.Reason
		}
		status := words(string(t.Status))
		g.Rows = append(g.Rows, []any{t.Label, goal, measured, t.Denominator, t.Open, status, why})
		row := append([]any{string(t.Name), t.Unit, t.Goal}, threeOf(t.Value)...)
		g.CSV.Rows = append(g.CSV.Rows, append(row, t.Numerator, t.Denominator, t.Open, string(t.Status), why))
		g.Footer = append(g.Footer, t.Label+": "+t.Measured)
		for _, note := range t.Notes {
			g.Footer = append(g.Footer, "  "+note)
		}
	}
	g.Footer = append(g.Footer, r.Warnings...)
	return g
}
