package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/churnwatch/churnwatch/cmd/internal/app"
	"github.com/churnwatch/churnwatch/cmd/internal/output"
	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/model/estimate"
	"github.com/churnwatch/churnwatch/scoring"
)

func newPainPoints(env *environment) *cobra.Command {
	var version int
	var themes, touchpoints bool
	var asOf instant
	cmd := &cobra.Command{
		Use:   "painpoints",
		Short: "Print what an incident of each pain point costs, in satisfaction and in churn",
		Long: "Prints what an incident of each pain point costs, in points of satisfaction and in odds of\n" +
			"churn, by a stored model.\n\n" +
			"With --touchpoints ranks the journey instead: low answers at each touchpoint (delivery,\n" +
			"support, ...) against the other answers there, and moments such as the first order, the first\n" +
			"ticket or an abandoned cart, by how strongly they go with churn in the horizon after them,\n" +
			"beside how active the customer was. It is fitted on the facts at once, no model is needed.\n" +
			"An association, not a cause.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return env.work(cmd.Context(), nil, func(ctx context.Context, a *app.App) error {
				switch {
				case themes:
					weeks, err := a.Scoring.Themes(ctx, time.Time{})
					if err != nil {
						return err
					}
					return env.printThemes(weeks, a.Config.Currency)
				case touchpoints:
					return printTouchpoints(ctx, env, a, asOf.Time)
				}
				part, err := a.Scoring.PainPoints(ctx, version, asOf.Time)
				if err != nil {
					return err
				}
				if part.Status.Status != "ok" {
					env.say("pain points: no weights; needs %s", strings.Join(part.Status.Needs, "; "))
				}
				return env.print(part.Weights, func() []output.Grid { return painPointGrids(part) })
			})
		},
	}
	cmd.AddCommand(newPainPointsCheck(env))
	cmd.Flags().IntVar(&version, "model", 0, "the model's `number` (default: the active one, else the newest that has weights)")
	cmd.Flags().Var(&asOf, "as-of", "weights of the newest model trained on what was known before this `time` (train --as-of TIME --activate=false makes one)")
	cmd.Flags().BoolVar(&themes, "themes", false, "print what customers complained of in the last weeks, by theme")
	cmd.Flags().BoolVar(&touchpoints, "touchpoints", false, "rank the touchpoints and moments of the journey by how strongly they go with churn, as of --as-of")
	cmd.MarkFlagsMutuallyExclusive("model", "themes", "as-of")
	cmd.MarkFlagsMutuallyExclusive("model", "themes", "touchpoints")
	return cmd
}

func painPointGrids(part scoring.PainPointPart) []output.Grid {
	g := output.Grid{
		Title:  "What one incident costs, all pain points fitted together, [95 % interval]",
		Header: []string{"name", "pain point", "satisfaction (0-100)", "as answered", "severity", "churn log-odds", "half-life", "incidents", "customers", "share of dissatisfaction", "share of churn"},
		Stacks: [][]int{{1, 0}, {7, 8}, {9, 10}},
	}
	for _, w := range part.Weights {
		var plain, share, half any
		if w.Plain != nil {
			plain = bounds(&w.Plain.Weight, 2)
		}
		if w.Share != nil {
			share = output.Percent(*w.Share)
		}
		if w.HalfLife != nil {
			half = fmt.Sprintf("%.0f days [%.0f, %.0f]", w.HalfLife.Value, w.HalfLife.Low, w.HalfLife.High)
		}
		g.Rows = append(g.Rows, []any{
			w.Name, w.Label, bounds(w.SatisfactionWeight, 1), plain, severityOf(w),
			bounds(w.ChurnLogOdds, 2), half, w.Incidents, w.Customers, share, percentBounds(w.ShareOfChurn),
		})
	}
	if part.Worst != "" {
		g.Footer = append(g.Footer, "worst at its mean severity: "+part.Worst)
	}
	g.Footer = append(g.Footer, valueLines(part.Weights)...)
	g.Footer = append(g.Footer, "share of churn: what goes with the incidents in this fit, all else as it is; no proof of a cause, and the shares do not add up")
	g.Footer = append(g.Footer, overlapLines(part.Weights)...)
	for _, w := range part.Weights {
		for _, text := range w.Warnings {
			g.Footer = append(g.Footer, fmt.Sprintf("warning: %s: %s", w.Name, text))
		}
	}
	return []output.Grid{g}
}

func bounds(e *estimate.Estimate, decimals int) any {
	if e == nil {
		return nil
	}
	return fmt.Sprintf("%+.*f [%+.*f, %+.*f]", decimals, e.Value, decimals, e.Low, decimals, e.High)
}

func percentBounds(e *estimate.Estimate) any {
	if e == nil {
		return nil
	}
	return fmt.Sprintf("%+.1f %% [%+.1f, %+.1f]", 100*e.Value, 100*e.Low, 100*e.High)
}

// valueLines say where an incident weighs more among those who spend most.
func valueLines(weights []model.PainPointWeight) (lines []string) {
	var same []string
	for _, w := range weights {
		switch v := w.ValueInteraction; {
		case v == nil:
		case v.Evidence == model.NoDifference:
			same = append(same, w.Name)
		default:
			lines = append(lines, fmt.Sprintf("%s %s: log-odds %+.2f against %+.2f, difference %s",
				w.Name, v.Evidence, v.High.Value, v.Rest.Value, bounds(&v.Difference, 2)))
		}
	}
	if len(same) > 0 {
		lines = append(lines, "no evidence that customers of high value take it otherwise: "+strings.Join(same, ", "))
	}
	return lines
}

func severityOf(w model.PainPointWeight) any {
	if w.Severity == nil || w.SatisfactionSlope == nil {
		return nil
	}
	return fmt.Sprintf("mean %.1f %s, %+.2f each", w.Severity.Mean, w.Severity.Unit, w.SatisfactionSlope.Value)
}

// muchOverlap is the share of the rarer pain point's answers from which on a
// table says that two are hard to tell apart.
const muchOverlap = 0.2

// overlapLines names the pairs of pain points that lie behind the same answers.
func overlapLines(weights []model.PainPointWeight) (lines []string) {
	exposed := map[string]int{}
	for _, w := range weights {
		exposed[w.Name] = w.Exposed
	}
	for _, w := range weights {
		for _, o := range w.Overlaps {
			if o.Coding == "exclusive" {
				lines = append(lines, fmt.Sprintf("overlap: all %d answers behind %s are %s too; they are counted as %s alone, so the two add up and their ranking depends on it",
					o.Answers, w.Name, o.With, w.Name))
				continue
			}
			least := min(exposed[w.Name], exposed[o.With])
			if w.Name < o.With && float64(o.Answers) >= muchOverlap*float64(least) {
				lines = append(lines, fmt.Sprintf("overlap: %d of the %d and %d answers behind %s and %s lie behind both; their split leans on the rest",
					o.Answers, exposed[w.Name], exposed[o.With], w.Name, o.With))
			}
		}
	}
	return lines
}
