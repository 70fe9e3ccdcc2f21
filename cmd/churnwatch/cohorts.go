package main

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/spf13/cobra"

	"github.com/churnwatch/churnwatch/cmd/internal/app"
	"github.com/churnwatch/churnwatch/cmd/internal/output"
	"github.com/churnwatch/churnwatch/model"
)

func newCohorts(env *environment) *cobra.Command {
	var asOf instant
	cmd := &cobra.Command{
		Use:   "cohorts",
		Short: "Print the published snapshot by cohort",
		Long: "Prints the published snapshot by what cohorts.dimensions names (columns of customers, the\n" +
			"category that a customer bought most of in the year before, and tenure):\n" +
			"risk, revenue at risk, satisfaction and churn that was observed; then the net promoter\n" +
			"score of the last 90 days with its interval (a customer with several answers counts as\n" +
			"one unit), the share who answered, the score as it would be had everybody answered, and\n" +
			"who has fallen silent. A score of too few customers with an answer\n" +
			"(cohorts.minimum_answers) is left out. Risk and revenue at risk are those of the scored\n" +
			"customers. A cohort of too few customers (cohorts.minimum_cell) is not shown, its risk not\n" +
			"where too few are scored.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return env.work(cmd.Context(), nil, func(ctx context.Context, a *app.App) error {
				rows, err := a.Scoring.CohortsAt(ctx, asOf.Time, a.Config.Cohorts.MaxPerDimension)
				if err != nil {
					return err
				}
				rows = env.shownCohorts(rows, a.Config.Cohorts.MinimumCell)
				return env.print(rows, func() []output.Grid {
					return []output.Grid{cohortGrid(rows, a.Config.Currency), turnoutGrid(rows)}
				})
			})
		},
	}
	cmd.Flags().Var(&asOf, "as-of", "the newest published snapshot as of this `time` or before (default: the current one)")
	return cmd
}

// shownCohorts leaves out what too few customers stand behind, and says so.
func (env *environment) shownCohorts(rows []model.CohortRow, minimum int) []model.CohortRow {
	shown := model.ShownCohorts(rows, minimum)
	if shown.Withheld > 0 {
		env.say("cohorts of fewer than %d customers, not shown: %d (cohorts.minimum_cell)", minimum, shown.Withheld)
	}
	if shown.WithoutRisk > 0 {
		env.say("cohorts of fewer than %d scored customers, without a risk: %d (cohorts.minimum_cell)", minimum, shown.WithoutRisk)
	}
	return shown.Cohorts
}

func cohortGrid(rows []model.CohortRow, currency string) output.Grid {
	g := output.Grid{Header: []string{
		"dimension", "cohort", "customers", "scored", "mean risk", "at risk " + currency, "interval",
		"satisfaction", "drifting", "orders 30 d", "revenue 30 d", "churned",
	}, Stacks: [][]int{{2, 3}, {5, 6}, {9, 10}}}
	for _, c := range rows {
		g.Rows = append(g.Rows, []any{
			c.Dimension, name(c.Cohort), c.Customers, c.Scored, percent(c.ChurnRisk), money(c.RevenueAtRisk), amounts(c.RevenueAtRiskInterval),
			c.SatisfactionIndex, c.Drifting, c.Orders30d, output.Money(c.Revenue30d), percent(c.ChurnRate),
		})
	}
	return g
}

// turnoutGrid says what cohorts answer, and how many of them.
func turnoutGrid(rows []model.CohortRow) output.Grid {
	g := output.Grid{
		Title:  "Net promoter score of the last 90 days",
		Header: []string{"dimension", "cohort", "answers", "answered", "NPS", "interval", "if all had answered", "interval", "silent", "note"},
	}
	for _, c := range rows {
		g.Rows = append(g.Rows, []any{
			c.Dimension, name(c.Cohort), c.NPSAnswers, percent(c.ResponseRate), points(c.NPS), amounts(c.NPSInterval),
			points(c.Corrected), amounts(c.CorrectedInterval), count(c.SilentCustomers), turnoutNote(c.CohortNPS),
		})
	}
	g.Footer = turnoutNotes(rows)
	return g
}

// turnoutNote says why a figure is missing, or what is known to be left out.
func turnoutNote(c model.CohortNPS) string {
	switch {
	case c.NPSReason != nil:
		return *c.NPSReason
	case c.CorrectedReason != nil:
		return *c.CorrectedReason
	case c.CutCustomers != nil && *c.CutCustomers > 0:
		return fmt.Sprintf("%d weights cut", *c.CutCustomers)
	case c.ResponseRateReason != nil:
		return *c.ResponseRateReason
	}
	return ""
}

// turnoutNotes say what the columns mean where that depends on the data.
func turnoutNotes(rows []model.CohortRow) (out []string) {
	has := func(holds func(model.CohortRow) bool) bool { return slices.ContainsFunc(rows, holds) }
	switch {
	case has(func(c model.CohortRow) bool {
		return c.ResponseRateBasis != nil && *c.ResponseRateBasis == model.OfAsked
	}):
		out = append(out, "answered: of the customers who were sent a survey and had two weeks to answer it")
	case has(func(c model.CohortRow) bool {
		return c.ResponseRateBasis != nil && *c.ResponseRateBasis == model.OfCustomers
	}):
		out = append(out, "answered: of all customers; whom the shop asked is not known (import outreach with kind survey)")
	}
	if has(func(c model.CohortRow) bool { return c.Assumption != nil }) {
		out = append(out, "if all had answered: an answer weighs more the fewer of those alike gave one; assumes that who keeps silent would answer like who",
			"  speaks and was alike before in rhythm, spend, past answers, visits and profile, which no data can test (--output json lists all)")
	}
	if has(func(c model.CohortRow) bool { return c.CutCustomers != nil && *c.CutCustomers > 0 }) {
		out = append(out, "weights cut: of who stands for so many that it would be by chance, which leaves some of the silence uncorrected")
	}
	bySurveys := has(func(c model.CohortRow) bool { return c.SilentBy.Surveys.Customers > 0 })
	byGaps := has(func(c model.CohortRow) bool { return c.SilentBy.UsualGaps.Customers > 0 })
	const surveys, gaps = "left two surveys or more unanswered since the last answer, or ever", "answered before, and not for twice the usual gap between answers"
	switch {
	case bySurveys && byGaps:
		out = append(out, "silent: who was sent two surveys or more "+surveys+"; who was not, "+gaps+" (--output json counts each)")
	case bySurveys:
		out = append(out, "silent: "+surveys)
	case byGaps:
		out = append(out, "silent: "+gaps+"; of the others nobody knows whether they were asked")
	}
	return out
}

// points shows a score of -100 to 100.
func points(v *float64) any {
	if v == nil {
		return nil
	}
	return output.Number{Value: *v}
}

// amounts shows an interval in whole units.
func amounts(i *model.Interval) any {
	if i == nil {
		return nil
	}
	return fmt.Sprintf("[%.0f, %.0f]", math.Round(i.Low)+0, math.Round(i.High)+0) // + 0 makes -0 a 0
}

func count(n *int) any {
	if n == nil {
		return nil
	}
	return *n
}
