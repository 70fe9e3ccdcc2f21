package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/churnwatch/churnwatch/cmd/internal/app"
	"github.com/churnwatch/churnwatch/cmd/internal/output"
	"github.com/churnwatch/churnwatch/model"
)

func newExperiments(env *environment) *cobra.Command {
	var asOf instant
	cmd := &cobra.Command{
		Use:   "experiments",
		Short: "Print what the holdout and the playbooks' experiments have proven",
		Long: "Compares the arms of each experiment: customers held out with those reached, and the variants\n" +
			"of a playbook's step (tone, timing, offer) with the first. A customer counts once, from his\n" +
			"first eligible trigger on, in the arm that he was assigned to, whatever came of it, and only\n" +
			"once his window is over: 14 days for a response (an answer to any survey, which both arms may\n" +
			"give; between variants a reply to the message too) and a conversion (an order; between\n" +
			"variants one that was reported too), 30 for another order, the horizon for retention and\n" +
			"revenue.\n\n" +
			"Look as often as you like, and stop when something is proven: the intervals hold at all looks\n" +
			"together. What can't be proven yet says how many more customers that would likely take to\n" +
			"prove the least effect worth knowing (retention.least_effect). Where the arms did not get\n" +
			"their shares of the customers, nothing is proven.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return env.work(cmd.Context(), nil, func(ctx context.Context, a *app.App) error {
				report, err := a.Retention.Experiments(ctx, asOf.Time)
				if err != nil {
					return err
				}
				return env.print(report, func() []output.Grid { return experimentGrids(report) })
			})
		},
	}
	cmd.Flags().Var(&asOf, "as-of", "with what was known at this `time` (default: now, or the start of the day of the newest order where that is old)")
	return cmd
}

// experimentGrids shows of each experiment all customers by every measure, and
// parts of them by the one that decides. A CSV file holds every comparison.
func experimentGrids(r model.ExperimentReport) []output.Grid {
	if len(r.Experiments) == 0 {
		return []output.Grid{{
			Title: "No experiment has begun: churnwatch triggers run assigns customers", CSV: &output.Grid{Header: experimentColumns()},
		}}
	}
	out := make([]output.Grid, 0, len(r.Experiments))
	for i := range r.Experiments {
		e := &r.Experiments[i]
		g := output.Grid{
			Title: experimentTitle(e), Notes: experimentNotes(e), CSV: &output.Grid{},
			Header: []string{"arm", "of", "measure", "value", "n", "control", "n", "what is proven"},
			Stacks: [][]int{{3, 4}, {5, 6}},
		}
		for k := range e.Comparisons {
			if c := &e.Comparisons[k]; c.Decides || c.Assigned > 0 && (c.Part == "all" || c.Measure == e.Measure) {
				g.Rows = append(g.Rows, []any{
					c.Variant, partOf(c), words(string(c.Measure)), measured(c, c.Value), c.Customers,
					measured(c, c.ControlValue), c.ControlCustomers, c.Says,
				})
			}
		}
		out = append(out, g)
	}
	out[0].CSV = experimentRows(r)
	last := &out[len(out)-1]
	last.Footer = append(last.Footer, fmt.Sprintf("outcomes are known up to %s; of all that is said of one experiment, at all looks, anything is false with a probability of %g at most",
		r.DataEnd.Format(time.DateOnly), r.Error))
	last.Footer = append(last.Footer, warningLines(r.Warnings)...)
	return out
}

func experimentTitle(e *model.Experiment) string {
	what := fmt.Sprintf("%s of %s", e.Vary, e.Playbook)
	if e.Playbook == "" {
		what = "who gets nothing, for comparison"
	}
	title := fmt.Sprintf("%s: %s, since %s", e.Name, what, e.Since.Format(time.DateOnly))
	if e.Ended != nil {
		title += ", ended " + e.Ended.Format(time.DateOnly)
	}
	return title
}

func experimentNotes(e *model.Experiment) []string {
	arms := make([]string, len(e.Arms))
	for i, a := range e.Arms {
		arms[i] = fmt.Sprintf("%s %d (should be %.4g %%)", a.Variant, a.Assigned, 100*a.Share)
	}
	note := "customers: " + strings.Join(arms, ", ")
	if e.SampleRatio != nil {
		note += fmt.Sprintf("; sample ratio p %.2g, holding at any look", e.SampleRatio.P)
	}
	return []string{note, "decides: " + words(string(e.Measure)) + "; n are customers whose window is over"}
}

func partOf(c *model.ExperimentComparison) string {
	if c.Of == "" {
		return c.Part
	}
	return c.Part + " " + c.Of
}

// measured shows a mean: of money as it is, of anything else in percent.
func measured(c *model.ExperimentComparison, mean *float64) any {
	switch {
	case mean == nil:
		return nil
	case c.Measure == model.MeasureRevenue:
		return output.Number{Value: *mean, Decimals: 2}
	}
	return output.Percent(*mean)
}

func experimentColumns() []string {
	return []string{
		"experiment", "playbook", "vary", "variant", "against", "part", "of", "measure", "decides", "window_days", "assigned", "waiting", "without",
		"customers", "value", "control_customers", "control_value", "difference", "low", "high", "error", "verdict", "needs", "more", "sample_ratio_p", "ended",
	}
}

func experimentRows(r model.ExperimentReport) *output.Grid {
	g := &output.Grid{Header: experimentColumns()}
	for i := range r.Experiments {
		e := &r.Experiments[i]
		var p any
		if e.SampleRatio != nil {
			p = e.SampleRatio.P
		}
		var ended any
		if e.Ended != nil {
			ended = *e.Ended
		}
		for k := range e.Comparisons {
			c := &e.Comparisons[k]
			g.Rows = append(g.Rows, slices.Concat([]any{
				e.Name, e.Playbook, e.Vary, c.Variant, c.Against, c.Part, c.Of, string(c.Measure), c.Decides, c.WindowDays, c.Assigned, c.Waiting, c.Without,
				c.Customers, c.Value, c.ControlCustomers, c.ControlValue,
			}, threeOf(c.Difference), []any{c.Error, c.Verdict, count(c.Needs), count(c.More), p, ended}))
		}
	}
	return g
}
