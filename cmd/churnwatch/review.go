package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/churnwatch/churnwatch/cmd/internal/app"
	"github.com/churnwatch/churnwatch/cmd/internal/output"
	"github.com/churnwatch/churnwatch/cmd/internal/report"
	"github.com/churnwatch/churnwatch/scoring/board"
)

func newReview(env *environment) *cobra.Command {
	var quarter, html string
	cmd := &cobra.Command{
		Use:   "review",
		Short: "Draw up what drove churn in a quarter, and what was done about it",
		Long: "Draws up a quarter for everybody who works on it: what drove churn against the quarter before,\n" +
			"what is systemic and what excels, cohorts, drift, answers by orders, targets, complaints, what\n" +
			"the retention programme did, what experiments have proven, how scores turned out, who owns what,\n" +
			"and what is not known. With --html as one page that needs nothing else and prints on paper.\n\n" +
			"Everything is as it was known at the quarter's end, or at the end of the data where that lies\n" +
			"within it. Where no model had been trained by then, pain points are fitted anew, which takes\n" +
			"as long as that part of a training.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var chosen board.Quarter
			if quarter != "" {
				var err error
				if chosen, err = board.ReadQuarter(quarter); err != nil {
					return usageError{err}
				}
			}
			work := func(ctx context.Context, a *app.App) error { return env.review(ctx, a, chosen, html) }
			if html == "" {
				return env.work(cmd.Context(), nil, work)
			}
			return env.intoFile(html, func() error { return env.work(cmd.Context(), nil, work) })
		},
	}
	cmd.Flags().StringVar(&quarter, "quarter", "", "such as 2026Q3 (default: that in which the data end)")
	cmd.Flags().StringVar(&html, "html", "", "write one page to this `file` instead (- is standard output)")
	return cmd
}

// review prints a quarter's review; the zero quarter is that of the data's end.
func (env *environment) review(ctx context.Context, a *app.App, quarter board.Quarter, html string) error {
	if quarter == (board.Quarter{}) {
		end, err := a.Scoring.Watermark(ctx)
		if err != nil {
			return err
		}
		quarter = board.QuarterOf(end)
	}
	r, err := a.Review(ctx, quarter)
	if err != nil {
		return err
	}
	if html != "" {
		return report.WriteReview(env.stdout, report.ReviewInput{Review: r, Currency: a.Config.Currency})
	}
	return env.print(r, func() []output.Grid { return reviewGrids(r, a.Config.Currency) })
}
