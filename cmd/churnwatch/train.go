package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/churnwatch/churnwatch/cmd/internal/app"
	"github.com/churnwatch/churnwatch/cmd/internal/config"
	"github.com/churnwatch/churnwatch/cmd/internal/output"
	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/scoring"
)

func newTrain(env *environment) *cobra.Command {
	var asOf instant
	var activate, force bool
	cmd := &cobra.Command{
		Use:   "train",
		Short: "Fit satisfaction, pain points, drift and churn risk, and validate the risk out of time",
		Long: "Fits the four models on what was known before the instant, tests the risk at past\n" +
			"cutoffs by fits that saw nothing after them, and stores a numbered model. A model that\n" +
			"is worse than naive rankings is held: stored but not activated. The first model of a\n" +
			"database is activated all the same, with warnings, unless it is worse than the base\n" +
			"rate alone. Where data-quality gates are red (churnwatch check) what rests on those data is not trained; exit status 3 says\n" +
			"that nothing was.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return env.work(cmd.Context(), nil, func(ctx context.Context, a *app.App) error {
				report, err := a.Scoring.Train(ctx, scoring.TrainRequest{
					AsOf: asOf.Time, Activate: activate, Force: force,
					Progress: func(step string) { env.say("fitting %s", step) },
				})
				if err != nil {
					return err
				}
				return env.print(report, func() []output.Grid { return trainGrids(report) })
			})
		},
	}
	cmd.Flags().Var(&asOf, "as-of", "train on what was known before this `time` (default: the start of the day of the newest order)")
	cmd.Flags().BoolVar(&activate, "activate", true, "make the model active unless it is to be held")
	cmd.Flags().BoolVar(&force, "force", false, "train although data-quality gates are red (churnwatch check)")
	modelFlags(cmd)
	return cmd
}

// modelFlags are the settings of a fit that have flags of their own. Their
// values are read by the configuration.
func modelFlags(cmd *cobra.Command) {
	d := config.Default()
	horizon, cycle := d.Definition.Horizon, d.Drift.Cycle
	cmd.Flags().Var(&horizon, "horizon", "length of the label, in whole days")
	cmd.Flags().Var(&cycle, "cycle", "length of a drift cycle, in whole days")
	cmd.Flags().String("definition", d.Definition.Kind, "who churned: inactivity or cancellation")
}

func trainGrids(r scoring.TrainReport) []output.Grid {
	parts := output.Grid{
		Title:  fmt.Sprintf("Model %d as of %s, %s rows of %s customers at %d cutoffs", r.Model, output.Cell(r.AsOf), thousands(int64(r.Rows)), thousands(int64(r.Customers)), len(r.Cutoffs)),
		Header: []string{"part", "status", "needs"},
	}
	names := make([]string, 0, len(r.Parts))
	for name := range r.Parts {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		parts.Rows = append(parts.Rows, []any{strings.ReplaceAll(name, "_", " "), r.Parts[name].Status, strings.Join(r.Parts[name].Needs, "; ")})
	}
	parts.Footer = satisfactionLines(r.Satisfaction)
	out := []output.Grid{parts}
	if len(r.Evaluation.Cutoffs) > 0 {
		out = append(out, evaluationGrids(r.Evaluation)...)
	} else {
		out[0].Footer = append(out[0].Footer, warningLines(r.Evaluation.Warnings)...)
	}
	last := &out[len(out)-1]
	last.Footer = append(last.Footer, shareLines("the answers come from", r.DataShare, r.PriorShare)...)
	state := fmt.Sprintf("model %d is active", r.Model)
	if !r.Activated {
		state = fmt.Sprintf("model %d is stored, not active: %s (churnwatch models activate %d makes it active)",
			r.Model, strings.Join(append([]string{"verdict " + string(r.Evaluation.Verdict)}, r.Evaluation.Reasons...), "; "), r.Model)
	}
	if r.Parts["risk"].Status != "ok" {
		state = fmt.Sprintf("model %d is stored without a risk: it has nothing to score with", r.Model)
	}
	last.Footer = append(last.Footer, warningLines(r.Warnings)...)
	last.Footer = append(last.Footer, fmt.Sprintf("%s; features %.1f s, fit %.1f s, validation %.1f s",
		state, r.Seconds.Features, r.Seconds.Fit, r.Seconds.Validate))
	return out
}

// satisfactionLines say how answers become an index.
func satisfactionLines(f model.SatisfactionFit) []string {
	if f.Status.Status != "ok" {
		return nil
	}
	lines := []string{fmt.Sprintf("an answer counts half after %.0f days, %s: %s", f.HalfLife.Days, f.HalfLife.Basis, f.HalfLife.Reason)}
	if interval := f.HalfLife.Interval; interval != nil && f.HalfLife.Basis == model.HalfLifeMeasured {
		lines[0] += fmt.Sprintf("; they allow %s at %.2f", f.HalfLife.Range(), interval.Level)
	}
	if len(f.Cohorts) == 0 {
		return append(lines, fmt.Sprintf("few answers are drawn to the mean of all, %.1f, as by %.1f answers", f.Mean.Value, f.Parameters.PriorAnswers))
	}
	means := make([]string, 0, len(f.Cohorts))
	for _, name := range slices.Sorted(maps.Keys(f.Cohorts)) {
		means = append(means, fmt.Sprintf("%s %.1f", name, f.Cohorts[name].Value))
	}
	if rest := f.Parameters.Rest; rest != nil {
		means = append(means, fmt.Sprintf("others %.1f", *rest))
	}
	return append(lines, fmt.Sprintf("few answers are drawn to the mean of their %s, as by %.1f answers: %s",
		f.Parameters.Dimension, f.Parameters.PriorAnswers, strings.Join(means, ", ")))
}

func warningLines(warnings []string) (out []string) {
	for _, w := range warnings {
		if line := "warning: " + w; !slices.Contains(out, line) {
			out = append(out, line)
		}
	}
	return out
}
