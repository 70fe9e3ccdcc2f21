package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/churnwatch/churnwatch/cmd/internal/app"
	"github.com/churnwatch/churnwatch/cmd/internal/output"
	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/scoring"
)

func newCheck(env *environment) *cobra.Command {
	var asOf instant
	var all bool
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Report the quality of the data: what would mislead a training, and what to do about it",
		Long: "Judges the data by their own history: freshness, gaps, volume, references that lead\n" +
			"nowhere, duplicates, outliers, refused rows, features that know the answer, and features\n" +
			"that have moved. Ends with status 3 when a gate is red: training on such data would\n" +
			"mislead. The limits are settings (churnwatch config show, section quality).",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return env.work(cmd.Context(), nil, func(ctx context.Context, a *app.App) error {
				report, err := a.Scoring.Check(ctx, asOf.Time)
				if err != nil {
					return err
				}
				if err := env.print(report, func() []output.Grid { return checkGrids(report, all) }); err != nil {
					return err
				}
				return report.Red()
			})
		},
	}
	cmd.Flags().Var(&asOf, "as-of", "judge what was known before this `time` (default: the start of the day of the newest order)")
	cmd.Flags().BoolVar(&all, "all", false, "list the gates that had nothing to judge too")
	modelFlags(cmd)
	return cmd
}

func checkGrids(r scoring.QualityReport, all bool) []output.Grid {
	g := output.Grid{
		Title:  fmt.Sprintf("Data as of %s: %s", output.Cell(r.AsOf), r.Status),
		Header: []string{"gate", "of", "status", "value", "limit", "unit", "what"},
	}
	silent := 0
	for _, gate := range r.Gates {
		if gate.Status == model.NotApplicable && !all {
			silent++
			continue
		}
		of := string(gate.Kind)
		if gate.Subject != "" {
			of = gate.Subject
			if gate.Kind != "" {
				of = string(gate.Kind) + ", " + gate.Subject
			}
		}
		g.Rows = append(g.Rows, []any{gate.Name, of, string(gate.Status), gateNumber(gate.Value), gateNumber(gate.Threshold), gate.Unit, gate.Message})
	}
	if silent > 0 {
		g.Footer = append(g.Footer, fmt.Sprintf("%d gates had nothing to judge (--all lists them)", silent))
	}
	return []output.Grid{g}
}

// gateNumber shows a gate's value without false precision.
func gateNumber(v *float64) any {
	if v == nil {
		return nil
	}
	decimals := 3
	if *v >= 10 || *v <= -10 {
		decimals = 1
	}
	return output.Number{Value: *v, Decimals: decimals}
}
