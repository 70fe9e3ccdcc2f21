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

func newThresholds(env *environment) *cobra.Command {
	var asOf instant
	var capacity int
	var channel string
	cmd := &cobra.Command{
		Use:   "thresholds",
		Short: "Say from which risk on it pays to contact a customer",
		Long: "A contact pays when the probability of churn x its effect x the margin of what the\n" +
			"customer spends if kept exceeds its cost. Chooses on past cutoffs, by fits that saw\n" +
			"nothing after them, how many times its cost a contact should promise, and says what\n" +
			"that would have earned at cutoffs that came after the choice, beside simpler rules.\n" +
			"The effect is an assumption (economics.effect) until the holdout measures it.",
		Example: "  churnwatch thresholds --capacity 200 --channel phone",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if capacity < 0 {
				return usagef("--capacity %d: want 0 (no bound) or more", capacity)
			}
			req := scoring.ThresholdRequest{AsOf: asOf.Time, Channel: channel}
			if cmd.Flags().Changed("capacity") {
				req.Capacity = &capacity
			}
			return env.work(cmd.Context(), nil, func(ctx context.Context, a *app.App) error {
				t, err := a.Scoring.Thresholds(ctx, req)
				if err != nil {
					return err
				}
				return env.print(t, func() []output.Grid { return thresholdGrids(t, a.Config.Currency) })
			})
		},
	}
	cmd.Flags().Var(&asOf, "as-of", "choose on what was known before this `time` (default: the published snapshot's)")
	cmd.Flags().IntVar(&capacity, "capacity", 0, "the most `contacts` at one time; 0 is no bound (default: economics.capacity)")
	cmd.Flags().StringVar(&channel, "channel", "", "the contact's `channel`, which decides its cost (economics.cost)")
	return cmd
}

func thresholdGrids(t model.Thresholds, currency string) []output.Grid {
	out := []output.Grid{ruleGrid(t, currency)}
	if len(t.Curve) > 0 {
		out = append(out, curveGrid(t, currency))
	}
	if len(t.Cutoffs) > 0 {
		out = append(out, thresholdCutoffGrid(t, currency))
	}
	return append(out, breakEvenGrid(t, currency))
}

// ruleGrid shows what rules would have earned on fresh outcomes.
func ruleGrid(t model.Thresholds, currency string) output.Grid {
	e := t.Economics.Effect
	g := output.Grid{
		Title: fmt.Sprintf("Net value of contacts at cutoffs that the rule was not chosen on, as of %s, %s per cutoff [95 %% interval]", output.Cell(t.AsOf), currency),
		Header: []string{
			"rule", "contacted", "promised", fmt.Sprintf("%s effect %g", e.Basis, e.Value),
			fmt.Sprintf("at %g", e.Low), fmt.Sprintf("at %g", e.High), "as chosen earns more by",
		},
	}
	if t.Judged != nil {
		for _, r := range t.Judged.Rules {
			g.Rows = append(g.Rows, []any{
				ruleName(r.Rule), fmt.Sprintf("%.0f", r.Contacted), fmt.Sprintf("%.0f", r.Expected),
				netBounds(&r.Net), netBounds(&r.AtLow), netBounds(&r.AtHigh), netBounds(r.Difference),
			})
		}
	}
	for _, need := range t.Status.Needs {
		g.Footer = append(g.Footer, "not known: needs "+need)
	}
	if c := t.Chosen; c != nil {
		g.Footer = append(g.Footer, fmt.Sprintf("chosen: contact when a contact is expected to bring %g [%g, %g] times its cost of %.4g %s (economics.least_return, in force: %g)",
			c.Return.Value, c.Return.Low, c.Return.High, t.Cost, currency, t.Economics.LeastReturn))
	}
	if t.Judged != nil && t.Judged.PaysFrom != nil {
		p := t.Judged.PaysFrom
		g.Footer = append(g.Footer, fmt.Sprintf("it earns more than it costs from an effect of %.3f [%.3f, %.3f] on", p.Value, p.Low, p.High))
	}
	if n := t.Now; n != nil {
		g.Footer = append(g.Footer, fmt.Sprintf("now, at a return of %g: contact %d of %d scored customers, expected net %.0f %s (%.0f at the low end of the effect, %.0f at the high one)",
			n.Return, n.Contacted, n.Customers, n.Expected, currency, n.AtLow, n.AtHigh))
	}
	if e.Basis == model.EffectMeasured {
		g.Footer = append(g.Footer, fmt.Sprintf("effect: measured, %g (%g to %g), %s", e.Value, e.Low, e.High, e.Source))
	}
	g.Footer = append(g.Footer, warningLines(t.Warnings)...)
	return g
}

func ruleName(rule string) string {
	switch rule {
	case model.RuleNetValue:
		return "as chosen"
	case model.RuleBreakEven:
		return "net above 0"
	case model.RuleProbability:
		return "risk of 0.5"
	}
	return rule
}

// curveGrid shows the curve that the choice was read from.
func curveGrid(t model.Thresholds, currency string) output.Grid {
	g := output.Grid{
		Title:  fmt.Sprintf("By how many times its cost a contact must promise: all cutoffs, those of the choice, which flatters it (%s per cutoff)", currency),
		Header: []string{"times the cost", "contacted", "promised", "net", ""},
	}
	for _, p := range t.Curve {
		mark := ""
		if p.Return == t.Chosen.Return.Value {
			mark = "chosen"
		}
		g.Rows = append(g.Rows, []any{
			fmt.Sprintf("%g", p.Return), fmt.Sprintf("%.0f", p.Contacted), fmt.Sprintf("%.0f", p.Expected), netBounds(&p.Net), mark,
		})
	}
	return g
}

func thresholdCutoffGrid(t model.Thresholds, currency string) output.Grid {
	g := output.Grid{
		Title:  "Cutoffs, each with outcomes of its own",
		Header: []string{"cutoff", "customers", "left", "at stake with them " + currency, "value unknown", "used to", "times the cost chosen before"},
	}
	for i, c := range t.Cutoffs {
		used := []string{}
		if i < len(t.Cutoffs)-1 || t.Judged == nil {
			used = append(used, "choose")
		}
		if c.Judged {
			used = append(used, "judge")
		}
		g.Rows = append(g.Rows, []any{
			c.AsOf.Format(time.DateOnly), c.Customers, output.Percent(c.BaseRate), fmt.Sprintf("%.0f", c.AtStake), c.Unvalued,
			strings.Join(used, ", "), c.Return,
		})
	}
	if t.Chosen != nil {
		g.Footer = append(g.Footer, "the rule to go by from here on was chosen on all of them")
	}
	if s := t.Spend; s != nil {
		g.Footer = append(g.Footer, fmt.Sprintf("the %d customers who stayed spent %.2f [%.2f, %.2f] times what was expected of them", s.Customers, s.Ratio.Value, s.Ratio.Low, s.Ratio.High))
	}
	return g
}

func breakEvenGrid(t model.Thresholds, currency string) output.Grid {
	g := output.Grid{
		Title:  "From which probability on a contact pays",
		Header: []string{"customers worth more than", "spend if kept " + currency, "pays from a probability of"},
	}
	for _, b := range t.BreakEven {
		var from any = "never"
		if b.Probability != nil {
			from = fmt.Sprintf("%.3f", *b.Probability)
		}
		g.Rows = append(g.Rows, []any{fmt.Sprintf("%.0f %%", 100*b.Quantile), fmt.Sprintf("%.0f", b.Value), from})
	}
	return g
}

// netBounds writes money with its interval.
func netBounds(e *estimate.Estimate) any {
	if e == nil {
		return nil
	}
	return fmt.Sprintf("%.0f [%.0f, %.0f]", e.Value, e.Low, e.High)
}
