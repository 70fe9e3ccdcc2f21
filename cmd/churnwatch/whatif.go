package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/churnwatch/churnwatch/cmd/internal/app"
	"github.com/churnwatch/churnwatch/cmd/internal/output"
	"github.com/churnwatch/churnwatch/model"
)

func newWhatIf(env *environment) *cobra.Command {
	var asOf instant
	var name string
	var reduce percentage
	cmd := &cobra.Command{
		Use:   "whatif --painpoint NAME --reduce PERCENT",
		Short: "Say what fewer incidents of a pain point would change in churn and revenue",
		Long: "Removes each incident of the last weeks with the given probability and adds up what the\n" +
			"risk model then expects of every customer, with the interval that its parameters leave:\n" +
			"directly, and by the better answers that would have been given. Beside it stands the same by the pain point's unpenalised weight. Not causal: no\n" +
			"experiment backs it.",
		Example: "  churnwatch whatif --painpoint late_delivery --reduce 50%",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return env.work(cmd.Context(), nil, func(ctx context.Context, a *app.App) error {
				w, err := a.Scoring.WhatIf(ctx, name, float64(reduce), asOf.Time)
				switch {
				case model.KindOf(err) == model.KindNotFound:
					return usagef("%w", err)
				case err != nil:
					return err
				}
				return env.print(w, func() []output.Grid { return whatIfGrids(w, a.Config.Currency) })
			})
		},
	}
	cmd.Flags().StringVar(&name, "painpoint", "", "the pain point's `name` (churnwatch painpoints)")
	cmd.Flags().Var(&reduce, "reduce", "the share of its incidents that goes away, 0% to 100%")
	cmd.Flags().Var(&asOf, "as-of", "ask about this `time` (default: the published snapshot's)")
	for _, flag := range []string{"painpoint", "reduce"} {
		if err := cmd.MarkFlagRequired(flag); err != nil {
			panic(err) // there is no such flag
		}
	}
	return cmd
}

// percentage is a flag for a share: 50%, or 0.5.
type percentage float64

// String returns the share as it is typed.
func (p *percentage) String() string {
	return strconv.FormatFloat(100*float64(*p), 'g', -1, 64) + "%"
}

// Set reads a share. A bare number above 1 is refused, since it may be meant
// either way.
func (p *percentage) Set(text string) error {
	number, percent := strings.CutSuffix(strings.TrimSpace(text), "%")
	v, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
	if percent {
		v /= 100
	}
	if err != nil || !(v >= 0 && v <= 1) {
		return usagef("want 0%% to 100%%, such as 50%%, or 0 to 1")
	}
	*p = percentage(v)
	return nil
}

// Type names the value in help texts.
func (*percentage) Type() string { return "percent" }

func whatIfGrids(w model.WhatIf, currency string) []output.Grid {
	g := output.Grid{
		Title: fmt.Sprintf("%s %.4g %% fewer, as of %s by model %d: change within %d days, [95 %% interval]",
			capital(w.Label), 100*w.Reduce, output.Cell(w.AsOf), w.Model, w.HorizonDays),
		Header: []string{"by", "customers who churn", "percentage points", "revenue at risk " + currency, "revenue " + currency},
	}
	g.Rows = append(g.Rows, changeRow("risk model", w.WhatIfChange))
	if w.Direct != nil && w.BySatisfaction != nil {
		g.Rows = append(g.Rows, changeRow("  direct", *w.Direct), changeRow("  by way of satisfaction", *w.BySatisfaction))
	}
	if w.ByWeight != nil {
		g.Rows = append(g.Rows, changeRow("unpenalised weight", *w.ByWeight))
	}
	g.Footer = append(g.Footer, fmt.Sprintf("%s of %s customers had %s incidents in the last %d days; %.4g of these would be missing",
		thousands(int64(w.Affected)), thousands(int64(w.Customers)), thousands(int64(w.Incidents)), w.WindowDays, w.Removed))
	for _, need := range w.Status.Needs {
		g.Footer = append(g.Footer, fmt.Sprintf("%s: needs %s", w.Status.Status, need))
	}
	for _, path := range w.Counted {
		g.Footer = append(g.Footer, "counted: "+path)
	}
	for _, path := range w.NotCounted {
		g.Footer = append(g.Footer, "not counted: "+path)
	}
	g.Footer = append(g.Footer, w.Note)
	g.Footer = append(g.Footer, warningLines(w.Warnings)...)
	return []output.Grid{g}
}

func changeRow(by string, c model.WhatIfChange) []any {
	row := []any{by, nil, nil, moneyBounds(c.RevenueAtRisk), moneyBounds(c.Revenue)}
	if c.Churn != nil {
		points := c.Churn.Share
		points.Value, points.Low, points.High = 100*points.Value, 100*points.Low, 100*points.High
		row[1], row[2] = bounds(&c.Churn.Customers, 1), bounds(&points, 3)
	}
	return row
}

// moneyBounds writes an amount and its interval, where it has one.
func moneyBounds(c *model.RevenueChange) any {
	switch {
	case c == nil:
		return nil
	case c.Low == nil:
		return fmt.Sprintf("%+.0f", c.Value)
	}
	return fmt.Sprintf("%+.0f [%+.0f, %+.0f]", c.Value, *c.Low, *c.High)
}

// capital writes the first letter large.
func capital(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
