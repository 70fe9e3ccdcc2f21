package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/churnwatch/churnwatch/cmd/internal/app"
	"github.com/churnwatch/churnwatch/cmd/internal/output"
	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/model/estimate"
)

func newDrift(env *environment) *cobra.Command {
	var asOf instant
	var top int
	cmd := &cobra.Command{
		Use:   "drift",
		Short: "Print who drifts away over two cycles, and what that means",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if top < 0 {
				return usagef("--top %d: want 0 or more", top)
			}
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
	if r.FalseAlarmRate != nil {
		states.Footer = append(states.Footer, fmt.Sprintf("false alarms: %.1f [%.1f, %.1f] per 1,000 customers and cycle on history, %.0f asked for",
			r.FalseAlarmRate.Value, r.FalseAlarmRate.Low, r.FalseAlarmRate.High, r.FalseAlarmsAllowed))
	}
	if r.LeadTime.Median != nil {
		states.Footer = append(states.Footer, fmt.Sprintf("lead time before churn: median %.0f days, middle half %.0f to %.0f; %.1f %% of those who left were flagged before (on the history that the threshold was chosen on)",
			*r.LeadTime.Median, deref(r.LeadTime.P25), deref(r.LeadTime.P75), 100*deref(r.Lead.FlaggedShare)))
	}
	for _, need := range r.Status.Needs {
		states.Footer = append(states.Footer, "needs "+need)
	}
	states.Footer = append(states.Footer, warningLines(r.Warnings)...)
	grids := []output.Grid{states}
	if len(r.Signals) > 0 {
		grids = append(grids, signalGrid(r.Signals))
	}
	if r.OrderDecline != nil {
		grids = append(grids, orderDeclineGrid(*r.OrderDecline))
	}
	if list := driftList(r.Customers); len(list.Rows) > 0 {
		grids = append(grids, list)
	}
	return grids
}

// signalGrid says by what customers are judged.
func signalGrid(signals []model.DriftSignal) output.Grid {
	names := map[string]string{
		"orders": "orders in the two cycles", "rhythm": "own rhythm (rarer orders)", "satisfaction": "satisfaction",
	}
	g := output.Grid{Title: "Judged by", Header: []string{"signal", "customers", "drifting", "false alarms per 1,000"}}
	for _, s := range signals {
		g.Rows = append(g.Rows, []any{names[s.Signal], s.Customers, s.Drifting, estimated(s.FalseAlarms)})
	}
	return g
}

func estimated(e *estimate.Estimate) string {
	if e == nil {
		return ""
	}
	return fmt.Sprintf("%.0f [%.0f, %.0f]", e.Value, e.Low, e.High)
}

func rounded(v *float64) any {
	if v == nil {
		return nil
	}
	return fmt.Sprintf("%.0f", *v)
}

// orderDeclineGrid holds the rule of the order decline beside its bare form.
func orderDeclineGrid(r model.OrderDeclineReport) output.Grid {
	return output.Grid{
		Title: fmt.Sprintf("Orders or spend of the last %d days at least %.0f %% below the %d before", r.WindowDays, 100*r.Threshold, r.WindowDays),
		Header: []string{
			"rule", "flagged", "steady customers it fires on", "false alarms per 1,000", "lead time (days)", "of those who left", "right",
		},
		Rows: [][]any{
			{
				"guarded", r.Flagged, percent(r.SteadyShare), rounded(r.FalseAlarms), rounded(r.LeadTime.Median), percent(r.ChurnedShare), percent(r.Precision),
			},
			{
				"bare", r.BareFlagged, percent(r.BareSteadyShare), rounded(r.BareFalseAlarms), rounded(r.BareLeadTime.Median), percent(r.BareChurned), percent(r.BarePrecision),
			},
		},
		Footer: append([]string{fmt.Sprintf(
			"guarded: against the shop's own movement (orders x %.2f, spend x %.2f), from %d orders before, a real decline more probable than %.1f; %d customers ordered in the %d days before",
			r.OrderMovement, r.SpendMovement, r.LeastOrders, r.Probability, r.Judged, r.WindowDays)}, warningLines(r.Warnings)...),
	}
}

// driftList lists customers by what decides their state.
func driftList(customers []model.DriftCustomer) output.Grid {
	g := output.Grid{
		Title:  "Who drifts, wobbles or comes back",
		Header: []string{"customer", "state", "by", "seen in both", "usual in both", "cycle before last (sd)", "last cycle (sd)", "together (sd)", "60-day decline"},
		Footer: []string{
			"seen, usual: orders in both cycles, or mean points of the answers in them; by rhythm the days that the last two own cycles took, of the calendar",
			"an own cycle is a gap between two orders, the running one from when on it is longer than usual; who ordered again no longer ago than usual does not drift by it",
			"sd: units of noise, below 0 a decline; the shop's own movement is taken out, so that a day of a quiet season counts less than one",
		},
	}
	for _, c := range customers {
		decline := ""
		if c.OrderDecline != nil && c.OrderDecline.Flagged {
			decline = fmt.Sprintf("%d to %d orders", c.OrderDecline.Orders[0], c.OrderDecline.Orders[1])
		}
		seen, usual := fmt.Sprintf("%.0f %s", c.Seen, c.Unit), fmt.Sprintf("%.1f", c.Usual)
		if c.Usual == 0 {
			seen, usual = "", ""
		}
		g.Rows = append(g.Rows, []any{
			c.CustomerID, string(c.State), c.Signal, seen, usual,
			signed(c.Declines[0]), signed(c.Declines[1]), signed(c.Combined), decline,
		})
	}
	return g
}
