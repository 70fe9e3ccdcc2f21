package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/churnwatch/churnwatch/cmd/internal/app"
	"github.com/churnwatch/churnwatch/cmd/internal/output"
	"github.com/churnwatch/churnwatch/model"
)

func newDrift(env *environment) *cobra.Command {
	var asOf instant
	var top int
	cmd := &cobra.Command{
		Use:   "drift",
		Short: "Print who drifts away over two cycles, and what that means",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return env.work(cmd.Context(), nil, func(ctx context.Context, a *app.App) error {
				report, err := a.Scoring.Drift(ctx, asOf.Time)
				if err != nil {
					return err
				}
				if top > 0 && len(report.Customers) > top {
					report.Customers = report.Customers[:top]
				}
				return env.print(report, func() []output.Grid { return driftGrids(report) })
			})
		},
	}
	cmd.Flags().Var(&asOf, "as-of", "judge the two cycles before this `time` (default: the published snapshot's)")
	cmd.Flags().IntVar(&top, "top", 50, "at most this `many` customers; 0 is all")
	return cmd
}

func driftGrids(r model.DriftReport) []output.Grid {
	states := output.Grid{
		Title:  fmt.Sprintf("The last two cycles of %d days before %s", r.CycleDays, output.Cell(r.AsOf)),
		Header: []string{"stable", "wobbling", "drifting", "recovering", "silent"},
		Rows:   [][]any{{r.States[model.Stable], r.States[model.Wobbling], r.States[model.Drifting], r.States[model.Recovering], r.States[model.Silent]}},
	}
	if r.OddsOneDecline != nil && r.OddsTwoDeclines != nil {
		states.Footer = append(states.Footer, fmt.Sprintf("odds of churn: one decline x %.2f [%.2f, %.2f], two declines x %.2f [%.2f, %.2f]",
			r.OddsOneDecline.Value, r.OddsOneDecline.Low, r.OddsOneDecline.High,
			r.OddsTwoDeclines.Value, r.OddsTwoDeclines.Low, r.OddsTwoDeclines.High))
	}
	if r.FalseAlarms != nil {
		states.Footer = append(states.Footer, fmt.Sprintf("false alarms: %.1f per 1,000 customers and cycle on history, %.0f allowed", *r.FalseAlarms, r.FalseAlarmsAllowed))
	}
	if r.LeadTime.Median != nil {
		states.Footer = append(states.Footer, fmt.Sprintf("lead time before churn: median %.0f days, middle half %.0f to %.0f",
			*r.LeadTime.Median, deref(r.LeadTime.P25), deref(r.LeadTime.P75)))
	}
	for _, need := range r.Status.Needs {
		states.Footer = append(states.Footer, "needs "+need)
	}
	states.Footer = append(states.Footer, warningLines(r.Warnings)...)
	list := output.Grid{Header: []string{"customer", "state", "by", "cycle before last", "last cycle", "together (sd)", "orders", "expected"}}
	for _, c := range r.Customers {
		list.Rows = append(list.Rows, []any{
			c.CustomerID, string(c.State), c.Signal,
			signed(c.Declines[0]), signed(c.Declines[1]), signed(c.Combined), c.Observed, c.Expected,
		})
	}
	if len(list.Rows) == 0 {
		return []output.Grid{states}
	}
	return []output.Grid{states, list}
}
