package main

import (
	"context"
	"fmt"
	"math"

	"github.com/spf13/cobra"

	"github.com/churnwatch/churnwatch/cmd/internal/app"
	"github.com/churnwatch/churnwatch/cmd/internal/output"
	"github.com/churnwatch/churnwatch/model"
)

func newExplain(env *environment) *cobra.Command {
	var asOf instant
	cmd := &cobra.Command{
		Use:   "explain CUSTOMER",
		Short: "Say how likely a customer is to leave, and exactly why",
		Long: "Prints the published score with every contribution: the base and the contributions\n" +
			"add up to the log-odds exactly. With --as-of says what would have been said then.",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return env.work(cmd.Context(), nil, func(ctx context.Context, a *app.App) error {
				e, err := a.Scoring.Explain(ctx, args[0], asOf.Time)
				switch {
				case model.KindOf(err) == model.KindNotFound:
					return model.Errorf(model.KindNotFound, "customer %q: %w", args[0], err)
				case err != nil:
					return err
				}
				return env.print(e, func() []output.Grid { return explanationGrids(e, a.Config.Currency) })
			})
		},
	}
	cmd.Flags().Var(&asOf, "as-of", "what would have been said at this `time`")
	return cmd
}

// smallContribution is below what a table shows one by one, in log-odds.
const smallContribution = 0.005

func explanationGrids(e model.Explanation, currency string) []output.Grid {
	head := output.Grid{
		Title:  fmt.Sprintf("Customer %s: %s, as of %s", output.Cell(e.CustomerID), e.LabelDefinition, output.Cell(e.AsOf)),
		Header: []string{"risk", "interval", "band", "percentile", "value kept " + currency, "at risk " + currency, "drift", "satisfaction", "NPS", "next order expected"},
		Rows: [][]any{{
			percent(e.ChurnProbability), interval(e.Interval), bandOf(e.Score), e.Percentile,
			money(e.ExpectedValue), money(e.RevenueAtRisk), string(e.Drift), index(e.Score), e.NPSSegment, e.ExpectedNextOrder,
		}},
	}
	head.Footer = warningLines(e.Warnings)
	if e.Status != model.StatusOK {
		head.Footer = append(head.Footer, fmt.Sprintf("%s: %s", e.Status, e.StatusReason))
	}
	if len(e.Contributions) == 0 {
		return []output.Grid{head}
	}
	why := output.Grid{Title: "Why", Header: []string{"feature", "value", "log-odds", "evidence"}}
	small, count := 0.0, 0
	for _, c := range e.Contributions {
		if math.Abs(c.LogOdds) < smallContribution {
			small, count = small+c.LogOdds, count+1
			continue
		}
		why.Rows = append(why.Rows, []any{c.Label, value(c, currency), signed(c.LogOdds), evidence(c.Evidence)})
	}
	if count > 0 {
		why.Rows = append(why.Rows, []any{fmt.Sprintf("%d smaller ones together", count), nil, signed(small), nil})
	}
	why.Rows = append(why.Rows, []any{"base", nil, signed(e.BaseLogOdds), nil}, []any{"log-odds", nil, signed(e.LogOdds), nil})
	why.Footer = []string{fmt.Sprintf("probability = 1 / (1 + exp(-log-odds)); calibration %s: slope %.3f, intercept %+.3f are already in the parts",
		e.Calibration.Method, e.Calibration.Slope, e.Calibration.Intercept)}
	return []output.Grid{head, why}
}

func bandOf(s model.Score) any {
	if s.Band == nil {
		return nil
	}
	return string(*s.Band)
}

func signed(v float64) string { return fmt.Sprintf("%+.3f", v) }

// evidence shows the newest fact and how many more there are.
func evidence(facts []model.Evidence) any {
	if len(facts) == 0 {
		return nil
	}
	e := facts[0]
	text := e.What + " on " + e.At.Format("2006-01-02")
	if e.OrderID != nil {
		text += ", order " + *e.OrderID
	}
	if e.Promised != nil {
		text += ", promised " + e.Promised.Format("2006-01-02")
	}
	if e.Delivered != nil {
		text += ", delivered " + e.Delivered.Format("2006-01-02")
	}
	if n := len(facts) - 1; n > 0 {
		text += fmt.Sprintf(" (and %d more)", n)
	}
	return text
}
