package main

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/churnwatch/churnwatch/cmd/internal/app"
	"github.com/churnwatch/churnwatch/cmd/internal/output"
	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/scoring"
)

func newScore(env *environment) *cobra.Command {
	var asOf instant
	cmd := &cobra.Command{
		Use:   "score",
		Short: "Score every customer with the active model and publish the snapshot",
		Long: "Scores every customer with the active model and publishes the result as the current\n" +
			"snapshot, in one step.\n\n" +
			"Without an active risk model it exits with 1 and says how to activate one. Where training\n" +
			"had too little data for a risk, it publishes just that before it exits with 1: everybody\n" +
			"who is eligible gets the status insufficient_evidence, no probability, and what is missing\n" +
			"as the reason, beside what is known without a risk (satisfaction, drift, value).\n\n" +
			"Where a few orders are dated after today, and so move the data's end, it publishes nothing and\n" +
			"says as of when to score until their dates are corrected.\n\n" +
			"The gates of churnwatch check judge the data first. Data that train would refuse are scored\n" +
			"all the same, and every score carries it (data_quality: status and reasons, with what is odd\n" +
			"about the customer's own facts).",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return env.work(cmd.Context(), nil, func(ctx context.Context, a *app.App) error {
				report, err := a.Scoring.Score(ctx, asOf.Time)
				if err != nil {
					return err
				}
				if report.Quality.Status == model.Red {
					env.say("the data are not fit to be trained on, and these scores rest on them: churnwatch check says what is wrong")
				}
				if err := env.print(report, func() []output.Grid { return scoreGrid(report, a.Config.Currency) }); err != nil {
					return err
				}
				return unfit(report)
			})
		},
	}
	cmd.Flags().Var(&asOf, "as-of", "score with what was known before this `time` (default: the start of the day of the newest order)")
	return cmd
}

// unfit is the error of a run that could tell nobody a risk, and says how to
// get further; nil for any other.
func unfit(r scoring.ScoreReport) error {
	if len(r.Risk.Needs) == 0 {
		return nil
	}
	return model.Errorf(model.KindNoData, "no risk model, so everybody was published as insufficient_evidence: %s; "+
		"import more history or wait for more, then churnwatch train (a shorter --horizon completes more labels)", strings.Join(r.Risk.Needs, "; "))
}

func scoreGrid(r scoring.ScoreReport, currency string) []output.Grid {
	return []output.Grid{{
		Notes:  qualityLines(&r.Quality),
		Header: []string{"as of", "model", "scored", "high", "medium", "low", "insufficient evidence", "not eligible", "mean risk"},
		Rows: [][]any{{
			r.AsOf, r.Model, r.Scored, r.Bands[model.BandHigh], r.Bands[model.BandMedium], r.Bands[model.BandLow],
			r.Insufficient, r.NotEligible, percent(r.MeanRisk),
		}},
		Footer: append(append(warningLines(r.Warnings), revenueLine(r, currency)...), fmt.Sprintf("published as sequence %s in %.1f s", r.Sequence, r.Seconds)),
	}}
}

// revenueLine says what the shop stands to lose.
func revenueLine(r scoring.ScoreReport, currency string) []string {
	if r.RevenueAtRisk == nil {
		return nil
	}
	text := fmt.Sprintf("revenue at risk %s %s", thousands(int64(math.Round(*r.RevenueAtRisk))), currency)
	if i := r.RevenueAtRiskInterval; i != nil {
		text += fmt.Sprintf(" (%s to %s at %.0f %%)", thousands(int64(math.Round(i.Low))), thousands(int64(math.Round(i.High))), 100*i.Level)
	}
	return []string{text}
}

// thousands writes a count with separators.
func thousands(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
